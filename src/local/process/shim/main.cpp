// The keeper (a shim): a small program between skein and an engine. It ensures that all descendants
// of the engine end with it, and that the engine ends with skein, even if skein is killed with
// SIGKILL, and even for descendants that created their own session.
//
// There are two processes of it, because killing a single keeper would leave the others running:
//
//     skein ── guard ── keeper ── engine ── what it starts
//
// The keeper does the work. The guard is a watchdog: it waits for the keeper and kills the rest of
// the tree if the keeper is killed. The keeper watches the guard and skein. Both hold the control
// socket, so it closes when both have ended.
#include "local/process/proc_stat.hpp"
#include "local/process/shim/descendants.hpp"
#include "local/process/shim/engine.hpp"
#include "local/process/shim/protocol.hpp"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using namespace skein::local;
using namespace skein::local::keeper;

void say(const Report& report) { ::send(control, &report, sizeof report, MSG_NOSIGNAL); }

// Closes all inherited descriptors except the two of the protocol, so that the engine does not
// inherit them.
void close_the_rest() {
    if (::syscall(SYS_close_range, log + 1, ~0U, 0) != 0) {  // An old kernel.
        const long max = ::sysconf(_SC_OPEN_MAX);
        for (int i = log + 1; i < max; ++i) ::close(i);
    }
    ::fcntl(control, F_SETFD, FD_CLOEXEC);
    ::fcntl(log, F_SETFD, FD_CLOEXEC);
}

// SIGCHLD is reset first, because a process that ignores it gets no wait status of its children,
// and the setting is inherited. All signals are then blocked; SIGCHLD is read from a signalfd.
void block_signals() {
    ::signal(SIGCHLD, SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
}

int open_child_news() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    return ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

// True if the engine has ended. Reaps other children, but leaves the engine a zombie, so that its
// pid and its process group id cannot be reused.
bool engine_has_ended(pid_t engine) {
    for (;;) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return true;
        if (info.si_pid == engine) return true;
        if (info.si_pid == 0) return false;
        ::waitpid(info.si_pid, nullptr, 0);
    }
}

// Reads one message of skein. False if everything must be killed: skein has closed the socket.
bool obey(pid_t engine) {
    char word = 0;
    const auto size = ::recv(control, &word, 1, MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size > 0 && word == terminate) ::kill(-engine, SIGTERM);
    return size > 0;
}

void watch(pid_t engine, int guard) {
    pollfd watched[] = {{open_child_news(), POLLIN, 0}, {control, POLLIN, 0}, {guard, POLLIN, 0}};
    for (;;) {
        if (::poll(watched, 3, -1) < 0 && errno != EINTR) return;
        if (watched[2].revents != 0) return;
        signalfd_siginfo news;
        while (::read(watched[0].fd, &news, sizeof news) > 0) {
        }
        if (engine_has_ended(engine)) return;
        if (watched[1].revents != 0 && !obey(engine)) return;
    }
}

void keep(int guard, char** arguments) {
    Report report;
    const auto engine = start_engine(arguments, report);
    if (engine == 0) return say(report);
    ::close(log);
    [[maybe_unused]] const int moved = ::chdir("/");  // Or the file system could not be unmounted.
    ProcStat stat;
    read_stat(engine, stat);
    say({Report::What::started, 0, engine, stat.identity.start});
    watch(engine, guard);
    ::kill(-engine, SIGKILL);  // The whole group at once, so that none can fork in between.
    int status = 0;
    kill_everything(engine, status);
    say({Report::What::over, status});
}

void stand_guard(pid_t keeper) {
    ::close(log);
    [[maybe_unused]] const int moved = ::chdir("/");
    int status = 0;
    while (::waitpid(keeper, &status, 0) < 0 && errno == EINTR) {
    }
    kill_everything(keeper, status);
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return 2;
    ::prctl(PR_SET_NAME, "skein-keeper");
    close_the_rest();
    block_signals();
    const auto guard = static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0));
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const auto keeper = guard < 0 ? -1 : ::fork();
    if (keeper < 0) return say({Report::What::no_process, errno}), 1;
    if (keeper > 0) {
        ::close(guard);
        stand_guard(keeper);
        return 0;
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // This attribute is not inherited by fork.
    keep(guard, arguments + 1);
    return 0;
}
