// The keeper: a small program of our own between skein and an engine, so that whatever the engine
// has started ends with it, and the engine ends with skein, even by `kill -9`, and even those that
// made themselves a session of their own.
//
// There are two of them, or who kills the keeper would set the others free:
//
//     skein ── guard ── keeper ── engine ── what it starts
//
// The keeper does the work. The guard only waits for it, and does the last of it should the keeper
// be killed; the keeper watches the guard as it watches skein. Both hold the control socket, so it
// closes when both are done.
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

// Whatever else came along with us is none of our business, and still less the engine's.
void close_the_rest() {
    if (::syscall(SYS_close_range, log + 1, ~0U, 0) != 0) {  // An old kernel.
        const long most = ::sysconf(_SC_OPEN_MAX);
        for (int i = log + 1; i < most; ++i) ::close(i);
    }
    ::fcntl(control, F_SETFD, FD_CLOEXEC);
    ::fcntl(log, F_SETFD, FD_CLOEXEC);
}

// Whoever ignores SIGCHLD is told of no child's end, and so are those he starts.
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

// Buries others, but leaves the engine as it is: as long as it is not buried, its number and that
// of its group are nobody else's.
bool engine_has_ended(pid_t engine) {
    for (;;) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return true;
        if (info.si_pid == engine) return true;
        if (info.si_pid == 0) return false;
        ::waitpid(info.si_pid, nullptr, 0);
    }
}

// False if everything is to end.
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
    [[maybe_unused]] const int moved = ::chdir("/");  // Not to keep somebody's disk busy.
    ProcStat stat;
    read_stat(engine, stat);
    say({Report::What::started, 0, engine, stat.identity.start});
    watch(engine, guard);
    ::kill(-engine, SIGKILL);  // All at once, so that nobody in the group is missed.
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
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // This one is not inherited.
    keep(guard, arguments + 1);
    return 0;
}
