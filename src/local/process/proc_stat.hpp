// What the system says of a process. For the keeper too, so there is nothing here but libc.
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

// A number is given to another process once its owner is gone; number and start are not.
struct Identity {
    pid_t pid = 0;
    std::uint64_t start = 0;  // In clock ticks since the system was started.

    friend bool operator==(const Identity&, const Identity&) = default;
};

struct ProcStat {
    Identity identity;
    pid_t parent = 0;
    pid_t session = 0;
    char state = '?';  // `Z`: dead, and nobody has asked how.
};

// False if there is no such process.
inline bool read_stat(pid_t pid, ProcStat& stat) {
    char text[1024];
    std::snprintf(text, sizeof text, "/proc/%d/stat", static_cast<int>(pid));
    const int file = ::open(text, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const auto size = ::read(file, text, sizeof text - 1);
    ::close(file);
    if (size <= 0) return false;
    text[size] = '\0';
    const char* name_end = std::strrchr(text, ')');  // The name itself may hold anything.
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

// `act(stat)` for every process there is. False if the system does not tell.
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

// A descriptor that is readable when the process has ended, for this one and no later owner of its
// number; -1 if that is gone. Closed on exec.
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
