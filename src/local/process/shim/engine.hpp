// Starts the engine: in its own process group, with default signal handlers as if it were started
// from a shell, and with PR_SET_PDEATHSIG, so that the kernel kills it when its keeper dies.
#pragma once
#include "local/process/shim/protocol.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skein::local::keeper {

// Like `execvp`, but never runs a file of unknown format with a shell. Returns an errno.
inline int execute(char** arguments) {
    const char* program = arguments[0];
    if (std::strchr(program, '/')) return ::execv(program, arguments), errno;
    const char* rest = std::getenv("PATH");
    int error = ENOENT;
    while (rest && *rest) {
        const auto length = static_cast<int>(std::strcspn(rest, ":"));
        char path[4096];
        const int size = std::snprintf(path, sizeof path, "%.*s/%s", length, rest, program);
        if (length > 0 && size < static_cast<int>(sizeof path)) ::execv(path, arguments);
        if (length > 0 && errno != ENOENT && errno != ENOTDIR) error = errno;
        rest += length;
        if (*rest == ':') ++rest;
    }
    return error;
}

inline void calm_signals() {
    // By system call and not by libc, because libc reserves two signals for itself and makes
    // `posix_spawn` ignore them.
    constexpr unsigned long by_default[4] = {};
    for (int signal = 1; signal < NSIG; ++signal) {
        ::syscall(SYS_rt_sigaction, signal, by_default, nullptr, sizeof(std::uint64_t));
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] inline void be_the_engine(pid_t parent, int said, char** arguments) {
    const auto fail = [said](Report::What what, int error) {
        const Report report{what, error};
        [[maybe_unused]] const auto written = ::write(said, &report, sizeof report);
        ::_exit(127);
    };
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // The keeper died before the prctl call.
    calm_signals();
    ::dup2(log, STDOUT_FILENO);  // All other descriptors are close-on-exec.
    ::dup2(log, STDERR_FILENO);
    const char* folder = arguments[0];
    if (*folder && ::chdir(folder) != 0) fail(Report::What::no_folder, errno);
    fail(Report::What::no_program, execute(arguments + 1));
    std::abort();
}

// Forks the engine and waits until exec has succeeded or failed. On failure returns 0, and `report`
// has the reason. A successful exec closes the pipe, which is close-on-exec.
inline pid_t start_engine(char** arguments, Report& report) {
    int said[2];
    if (::pipe2(said, O_CLOEXEC) != 0) {
        report = {Report::What::no_process, errno};
        return 0;
    }
    const auto parent = ::getpid();
    const auto pid = ::fork();
    if (pid == 0) be_the_engine(parent, said[1], arguments);
    report = {Report::What::no_process, errno};
    ::close(said[1]);
    const bool running = pid > 0 && ::read(said[0], &report, sizeof report) != sizeof report;
    ::close(said[0]);
    if (running) return pid;
    if (pid > 0) ::waitpid(pid, nullptr, 0);
    return 0;
}

}  // namespace skein::local::keeper
