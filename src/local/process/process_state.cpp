// The finite state of one process tree: reads its log and the reports of the keeper, and reaps the
// keeper.
//
// Invariant: `on_exit` comes once, after the keeper is reaped and the control socket is closed, so
// no process of the tree lives then. Runs on the thread of the loop; `end` may block for seconds.
#include "local/process/process_state.hpp"

#include "json/text.hpp"
#include "local/process/session.hpp"

#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>

namespace skein::local {
namespace {

// Reads of the log in one turn, so that other handlers of the loop get their turn.
constexpr int a_few = 16;
// More reads than a pipe can hold: enough to drain it when all writers are gone.
constexpr int all = 1024;

std::string because(std::string what, int error) {
    return std::move(what) + ": " + std::generic_category().message(error);
}

void open(asio::posix::stream_descriptor& watched, Descriptor& descriptor) {
    if (descriptor.is_open()) watched.assign(descriptor.release());
}

Exit exit_of(int status) {
    if (WIFSIGNALED(status)) return {Exit::How::signal, WTERMSIG(status)};
    return {Exit::How::status, WEXITSTATUS(status)};
}

}  // namespace

Process::ProcessState::ProcessState(
    asio::io_context& loop, Spawned spawned, const Command& command, Events events
)
    : keeper{spawned.identity},
      loop_{loop},
      events_{std::move(events)},
      program_{json::printable(command.arguments.front())},
      folder_{json::printable(command.folder)},
      log_{loop},
      control_{loop},
      process_{loop},
      // Without a process there is nothing to watch; `begin` reports the reason.
      over_{spawned.error != 0} {
    if (over_) {
        exit_ = {Exit::How::not_started, 0, because("cannot start a process", spawned.error)};
        return;
    }
    open(log_, spawned.log);
    open(control_, spawned.control);
    open(process_, spawned.process);
}

void Process::ProcessState::begin() {
    if (over_) return asio::post(loop_, [life = shared_from_this()] { life->tell_exit(); });
    when_readable(control_, &ProcessState::read_control);
    when_readable(process_, &ProcessState::keeper_ended);
}

// The handler shares ownership, so that this object outlives its `Process` until the last wait has
// ended.
void Process::ProcessState::when_readable(Watched& watched, void (ProcessState::*act)()) {
    watched.async_wait(Watched::wait_read, [life = shared_from_this(), act](auto error) {
        if (!error) ((*life).*act)();
    });
}

void Process::ProcessState::terminate() {
    if (!control_.is_open()) return;
    const int control = control_.native_handle();
    ::send(control, &keeper::terminate, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Process::ProcessState::kill() {
    // The keeper kills everything when it reads the end of the socket. Our direction for reading
    // stays open for its last report.
    if (control_.is_open()) ::shutdown(control_.native_handle(), SHUT_WR);
}

void Process::ProcessState::read_log() {
    if (read_some_log(a_few)) when_readable(log_, &ProcessState::read_log);
}

// False if the log has ended.
bool Process::ProcessState::read_some_log(int reads) {
    for (; reads > 0 && log_.is_open(); --reads) {
        const auto size = ::read(log_.native_handle(), room_.data(), room_.size());
        if (size < 0) return errno == EAGAIN || errno == EINTR;
        if (size == 0) {
            log_.close();
            break;
        }
        lines_.add({room_.data(), static_cast<std::size_t>(size)}, [this](std::string_view line) {
            tell_line(line);
        });
    }
    return log_.is_open();
}

void Process::ProcessState::tell_line(std::string_view line) {
    if (!silent_ && events_.on_line) events_.on_line(line);
}

void Process::ProcessState::read_control() {
    if (hear()) return when_readable(control_, &ProcessState::read_control);
    finish_if_over();
}

// Receives one report. False if the socket is closed: all keepers are gone.
bool Process::ProcessState::hear() {
    if (!control_.is_open()) return false;
    keeper::Report report;
    const auto size = ::recv(control_.native_handle(), &report, sizeof report, MSG_DONTWAIT);
    if (size == sizeof report) understand(report);
    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR))) return true;
    control_.close();
    return false;
}

void Process::ProcessState::understand(const keeper::Report& report) {
    using What = keeper::Report::What;
    const auto not_started = [&](std::string what) {
        exit_ = {Exit::How::not_started, 0, because(std::move(what), report.value)};
    };
    switch (report.what) {
        case What::started:
            engine = {report.pid, report.start};
            // The log is read from now on, so that `on_start` comes before the first line.
            when_readable(log_, &ProcessState::read_log);
            if (!silent_ && events_.on_start) events_.on_start(engine);
            break;
        case What::no_process:
            not_started("cannot start a process");
            break;
        case What::no_folder:
            not_started("cannot run in the folder " + folder_);
            break;
        case What::no_program:
            not_started("cannot run " + program_);
            break;
        case What::over:
            exit_ = exit_of(report.value);
            break;
    }
}

void Process::ProcessState::keeper_ended() {
    keeper_ended_ = true;
    finish_if_over();
}

// There are two keepers, parent and child. Our child may end before the other one, which then
// finishes the work. The tree is gone only when the socket is closed as well.
void Process::ProcessState::finish_if_over() {
    if (over_ || !keeper_ended_ || control_.is_open()) return;
    bury();
    // The last lines often tell why the engine died, so the pipe is emptied before `on_exit`.
    read_some_log(all);
    log_.close();
    lines_.finish([this](std::string_view line) { tell_line(line); });
    tell_exit();
}

void Process::ProcessState::tell_exit() {
    if (!silent_ && events_.on_exit) events_.on_exit(exit_.value_or(Exit{}));
}

void Process::ProcessState::bury() {
    over_ = true;
    // Without a report both keepers were killed, so the session must be killed here. The keeper is
    // still a zombie, so its pid cannot have been reused.
    if (!exit_) end_session(keeper.pid);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(keeper.pid), &info, WEXITED);
    process_.close();
}

void Process::ProcessState::end() {
    silent_ = true;
    if (over_) return;
    kill();
    while (control_.is_open() && has_news_within_seconds(control_.native_handle()) && hear()) {
    }
    // If SIGKILL takes longer than that, the pending handlers reap the process later.
    if (control_.is_open() || !has_news_within_seconds(process_.native_handle())) return;
    bury();
    log_.close();
}

}  // namespace skein::local
