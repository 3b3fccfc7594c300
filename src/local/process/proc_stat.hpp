// Facts about a process from /proc. Uses libc only, because the shim includes it as well.
#pragma once
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace skein::local {

// Identifies a process for the uptime of the machine. A pid alone may be reused after its process
// is gone; a pid with a start time is unique.
struct Identity {
    pid_t pid = 0;
    std::uint64_t start = 0;  // Clock ticks since boot.

    friend bool operator==(const Identity&, const Identity&) = default;
};

struct ProcStat {
    Identity identity;
    pid_t parent = 0;
    pid_t session = 0;
    char state = '?';  // `Z`: zombie (exited, not yet reaped).
};

// Reads /proc/PID/stat. False if there is no such process.
inline bool read_stat(pid_t pid, ProcStat& stat) {
    char text[1024];
    std::snprintf(text, sizeof text, "/proc/%d/stat", static_cast<int>(pid));
    const int file = ::open(text, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const auto size = ::read(file, text, sizeof text - 1);
    ::close(file);
    if (size <= 0) return false;
    text[size] = '\0';
    const char* name_end = std::strrchr(text, ')');  // The last one: a name may contain `)`.
    unsigned long long start = 0;
    if (!name_end ||
        std::sscanf(
            name_end + 1,
            " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
            &stat.state,
            &stat.parent,
            &stat.session,
            &start
        ) != 4) {
        return false;
    }
    stat.identity = {pid, start};
    return true;
}

// Calls `act(stat)` for every process. False if /proc cannot be read.
template <class Act>
bool each_process(Act act) {
    DIR* folder = ::opendir("/proc");
    if (!folder) return false;
    while (const auto* entry = ::readdir(folder)) {
        const auto pid = static_cast<pid_t>(std::atoi(entry->d_name));
        ProcStat stat;
        if (pid > 0 && read_stat(pid, stat)) act(stat);
    }
    ::closedir(folder);
    return true;
}

// A pidfd for exactly this process, never for a later process with the same pid; -1 if the process
// is gone. Readable when the process has ended. Closed on exec.
inline int open_process(const Identity& identity) {
    const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, identity.pid, 0));
    ProcStat stat;
    if (descriptor < 0 || (read_stat(identity.pid, stat) && stat.identity == identity)) {
        return descriptor;
    }
    ::close(descriptor);
    return -1;
}

inline void send_signal(int process, int signal) {
    ::syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0);
}

}  // namespace skein::local
