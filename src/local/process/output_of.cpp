// Runs a short command: fork and exec with two pipes, one poll loop, and a kill at the end in any
// case.
//
// Invariant: the child is not reaped before its session has been killed, because until then its pid
// cannot be reused. Everything runs on the calling thread.
#include "local/process/output_of.hpp"

#include "base/find_program.hpp"
#include "local/process/as_c.hpp"
#include "local/process/descriptor.hpp"
#include "local/process/session.hpp"
#include "local/process/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace skein::local {
namespace {

// The end of standard error, where the reason of a failure usually stands.
constexpr std::size_t kept_of_errors = 2048;

struct Pipe {
    Descriptor ours;
    Descriptor theirs;
};

// Our end does not block, because one loop reads both pipes; the end of the child blocks, as
// programs expect.
Pipe make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return {};
    Pipe pipe{out_of_the_way(Descriptor{ends[0]}), out_of_the_way(Descriptor{ends[1]})};
    ::fcntl(pipe.ours.number(), F_SETFL, O_NONBLOCK);
    return pipe;
}

// Runs in the child between fork and exec, so it makes only async-signal-safe calls.
[[noreturn]] void become(const char* program, char* const* arguments, int out, int err, pid_t us) {
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != us) ::_exit(127);  // The parent died before PR_SET_PDEATHSIG was set.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::syscall(SYS_close_range, 3u, ~0u, 0u);
    ::execv(program, arguments);
    ::_exit(127);
}

// Appends the available bytes. False at the end of the pipe.
bool read_some(int descriptor, std::string& into) {
    std::array<char, 4096> room{};
    for (;;) {
        const auto count = ::read(descriptor, room.data(), room.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count < 0 && errno == EAGAIN;
        into.append(room.data(), static_cast<std::size_t>(count));
    }
}

std::string text_of_end(const siginfo_t& end) {
    if (end.si_code == CLD_EXITED) return "exit status " + std::to_string(end.si_status);
    return "signal " + std::to_string(end.si_status);
}

// A running command. The destructor kills its session and reaps it.
class Running {
public:
    Running(pid_t pid, Pipe out, Pipe err)
        : pid_{pid},
          out_{std::move(out.ours)},
          err_{std::move(err.ours)},
          process_{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))} {}

    // The whole session, because the command may have started others that hold the pipes open. It
    // is reaped last: its pid is the number of the session.
    ~Running() {
        end_session(pid_);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Ends with the command, at the deadline, at a stop or when too much is printed. The destructor
    // then kills what is left.
    Printed finish(TimePoint until, int stop) {
        while (!printed_.failure) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
            if (left.count() <= 0) {
                printed_.failure = "it did not end in time";
                break;
            }
            if (wait(static_cast<int>(left.count()), stop)) break;
        }
        return std::move(printed_);
    }

private:
    // Waits for output, the end or `stop`. True once the command has ended.
    bool wait(int milliseconds, int stop) {
        pollfd watched[] = {
            {process_.number(), POLLIN, 0},
            {out_.number(), POLLIN, 0},
            {err_.number(), POLLIN, 0},
            {stop, POLLIN, 0}};
        if (::poll(watched, std::size(watched), milliseconds) < 0 && errno != EINTR) {
            printed_.failure = std::strerror(errno);
            return false;
        }
        // A pipe at its end is closed, because poll would report it at once for ever.
        if (!read_some(out_.number(), printed_.output)) out_ = Descriptor{};
        if (!read_some(err_.number(), printed_.errors)) err_ = Descriptor{};
        trim();
        if (printed_.output.size() > max_printed) printed_.failure = "it prints more than a key";
        if (watched[3].revents != 0) printed_.failure = "the run has ended";
        // After the end of the process its last output may still be in the pipes, so they are read
        // once more.
        if ((watched[0].revents & POLLIN) == 0) return false;
        read_some(out_.number(), printed_.output);
        read_some(err_.number(), printed_.errors);
        trim();
        siginfo_t end{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED | WNOWAIT);
        if (end.si_code != CLD_EXITED || end.si_status != 0) printed_.failure = text_of_end(end);
        return true;
    }

    void trim() {
        auto& errors = printed_.errors;
        if (errors.size() > kept_of_errors) errors.erase(0, errors.size() - kept_of_errors);
        printed_.output.resize(std::min(printed_.output.size(), max_printed + 1));
    }

    pid_t pid_;
    Descriptor out_;
    Descriptor err_;
    Descriptor process_;
    Printed printed_{};
};

Printed not_started(std::string why) { return {.failure = "it cannot be started: " + why}; }

}  // namespace

Printed output_of(const std::vector<std::string>& command, Duration patience, int stop) {
    const auto until = Clock::now() + patience;
    const auto program = find_program(command.front());
    if (program.empty()) return not_started("there is no program " + command.front());
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out.theirs.is_open() || !err.theirs.is_open()) return not_started(std::strerror(errno));
    const auto arguments = as_c(command);
    const auto us = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return not_started(std::strerror(errno));
    if (pid == 0) {
        become(program.c_str(), arguments.data(), out.theirs.number(), err.theirs.number(), us);
    }
    // Our copies of the child's ends, or the pipes would never end.
    out.theirs = Descriptor{};
    err.theirs = Descriptor{};
    Running running{pid, std::move(out), std::move(err)};
    return running.finish(until, stop);
}

}  // namespace skein::local
