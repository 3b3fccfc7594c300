// The commands `run`, `try` and `check`: load the job, run it on its own thread, show progress,
// handle signals, and print the report.
//
// The main thread watches a signalfd and the end of the run with poll; the job runs on a second
// thread. Only the main thread prints the report.
#include "app/command.hpp"
#include "app/offers.hpp"
#include "app/result.hpp"
#include "app/signals.hpp"
#include "json/text.hpp"
#include "report/progress.hpp"
#include "report/report.hpp"
#include "report/text.hpp"
#include "report/try_text.hpp"

#include <skein/run.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace skein::app {
namespace {

constexpr int live_interval_ms = 200;
constexpr int log_interval_ms = 10'000;
// One press of Ctrl-C may arrive twice, for instance if a parent process passes it on.
constexpr Duration same_keypress = std::chrono::milliseconds{200};
// Open files beside the sockets of requests: journal, output, input, epoll sets and others.
constexpr std::size_t files_of_our_own = 64;

// Open files that the job needs. A mock server runs in this process, so that both ends of its
// connections count.
std::size_t files_needed(const Settings& settings) {
    const bool both_ends = std::ranges::any_of(settings.endpoints, [](const auto& endpoint) {
        return endpoint.url.starts_with("mock:");
    });
    return settings.in_flight * (both_ends ? 2 : 1) + files_of_our_own;
}

// Raises the soft limit of open files to the hard limit. Returns a complaint if that is not enough.
std::optional<std::string> not_enough_files(const Settings& settings) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max == RLIM_INFINITY || files_needed(settings) <= limit.rlim_max) {
        return std::nullopt;
    }
    return "in_flight is " + std::to_string(settings.in_flight) +
           ", but this process may open only " + std::to_string(limit.rlim_max) +
           " files; lower limits.in_flight or raise `ulimit -n`";
}

// Runs the job on a second thread while the calling thread watches signals and shows the progress.
class Watched {
public:
    using Work = std::function<Expected<Tally, RunError>(Run&)>;

    Watched(Job job, Signals& signals, Terminal& terminal, bool shows_progress)
        : run_{std::move(job)},
          signals_{signals},
          terminal_{terminal},
          shows_progress_{shows_progress},
          done_{eventfd(0, EFD_CLOEXEC)} {}
    ~Watched() { close(done_); }

    // The event descriptor ends the wait of the main thread. The result needs no lock, because
    // `join` comes before it is read.
    Expected<Tally, RunError> run(const Work& work) {
        std::thread runner{[this, &work] {
            result_.emplace(work(run_));
            const std::uint64_t one = 1;
            [[maybe_unused]] const auto written = write(done_, &one, sizeof one);
        }};
        watch();
        runner.join();
        terminal_.show({});
        return std::move(*result_);
    }

    int signal() const { return signal_; }
    Tally tally() const { return run_.progress().tally; }

private:
    // The interval is the time without an event, after which the progress is shown. A signal
    // handler is not used: signals arrive as data of a signalfd, so any code may run here.
    void watch() {
        std::array<pollfd, 2> waited{{{signals_.descriptor(), POLLIN, 0}, {done_, POLLIN, 0}}};
        const int interval = terminal_.is_terminal() ? live_interval_ms : log_interval_ms;
        for (;;) {
            const int ready = poll(waited.data(), waited.size(), interval);
            if (waited[1].revents != 0) return;
            if (ready == 0 && shows_progress_) show();
            while (const int number = signals_.next()) on_signal(number);
        }
    }

    void show() {
        const auto progress = run_.progress();
        if (!terminal_.is_terminal()) {
            terminal_.log(LogLevel::info, line_.of(progress, Clock::now(), 200));
        } else {
            terminal_.show(line_.of(progress, Clock::now(), terminal_.width()));
        }
    }

    // First signal: stop starting requests and wait for those in flight. Second: cancel them.
    // Third: exit at once. A signal within 200 ms of the last one counts as the same key press.
    void on_signal(int number) {
        const auto now = Clock::now();
        if (signal_ != 0 && now - last_signal_ < same_keypress) return;
        last_signal_ = now;
        if (signal_ == 0) {
            signal_ = number;
            terminal_.log(
                LogLevel::warn, "stopping: what is in flight may finish; once more cancels it"
            );
            run_.stop();
        } else if (!cancelled_) {
            cancelled_ = true;
            terminal_.log(LogLevel::warn, "cancelling what is in flight; once more leaves at once");
            run_.cancel();
        } else {
            // Without destructors, because they would wait for threads.
            _exit(killed + number);
        }
    }

    Run run_;
    Signals& signals_;
    Terminal& terminal_;
    const bool shows_progress_;
    report::ProgressLine line_;
    std::optional<Expected<Tally, RunError>> result_;
    int done_;
    int signal_ = 0;
    bool cancelled_ = false;
    TimePoint last_signal_{};
};

// A run that was stopped without a signal of ours is a local failure.
int exit_code_of(const RunError& error, int signal) {
    switch (error.kind) {
        case RunError::Kind::config:
            return wrong_usage;
        case RunError::Kind::policy:
            return stopped_by_policy;
        case RunError::Kind::local:
            return local_failure;
        case RunError::Kind::stopped:
            return signal != 0 ? killed + signal : local_failure;
    }
    return local_failure;
}

// Quotes a word for a POSIX shell.
std::string quoted(const std::string& word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
    if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
    return text += '\'';
}

// The command that resumes the job: the same job file with the same `--set` options.
std::string run_again(const Command& command, const Job& job) {
    if (job.output.file == "-") return {};
    auto text = "skein run " + quoted(command.job_file);
    for (const auto& override : command.overrides) {
        if (!override.origin.starts_with("--set"))
            continue;  // Not `--overwrite`, because it would drop the answers.
        text += " --set " + quoted(override.key + '=' + override.value);
    }
    return json::printable(text, 4096);
}

std::string tried_text(const Tally& tally) {
    return "tried " + report::count_text(tally.rows) + (tally.rows == 1 ? " row" : " rows") + ": " +
           report::count_text(tally.rows - tally.failed_lines) + " answered, " +
           report::count_text(tally.failed_lines) + " failed; nothing was written\n";
}

// Copies the options about earlier runs into the job.
void take_over(const Command& command, Job& job) {
    job.retry_failed = command.retry_failed;
    job.retry = command.retry;
    job.allow_gone = command.allow_gone;
}

// Prints each error on its own line.
int complain(Terminal& terminal, const ConfigError& error) {
    app::complain(terminal, error.first());
    for (const auto& other : error.others) app::complain(terminal, other.first());
    return wrong_usage;
}

}  // namespace

// The job file and the limit of open files are checked first, before any thread or file of the run.
int run_command(const Command& command) {
    Signals signals;  // Before there are threads. Other commands leave signals their usual effect.
    const auto min_level = command.verbose ? LogLevel::debug
                           : command.quiet ? LogLevel::error
                                           : LogLevel::info;
    Terminal terminal{min_level};
    auto job = load_job(command.job_file, command.overrides);
    if (!job) return complain(terminal, job.error());
    if (auto why = not_enough_files(job->settings)) return complain(terminal, *why);
    for (const auto& warning : job->warnings) terminal.log(LogLevel::warn, warning);
    if (job->output.file == "-" && isatty(STDOUT_FILENO) == 1) terminal.leave_to_results();
    take_over(command, *job);
    job->settings.log = [&](LogLevel level, std::string_view text) { terminal.log(level, text); };

    const report::ReportStyle style{
        .width = terminal.is_terminal() ? terminal.width() : 0, .again = run_again(command, *job)};
    const auto report = [&](const char* headline, const Tally& tally) {
        terminal.print(
            command.quiet ? report::failures_text(tally, style)
                          : report::report_text(headline, tally, style)
        );
    };
    Watched watched{std::move(*job), signals, terminal, true};
    const auto result = watched.run([](Run& run) { return run.run(); });
    if (result) {
        report("run complete", *result);
        return result->failed_lines > 0 ? some_failed : all_completed;
    }
    const auto& error = result.error();
    if (error.kind != RunError::Kind::config) report("run ended  ", watched.tally());
    complain(terminal, error.what);
    return exit_code_of(error, watched.signal());
}

// Asks a few rows and shows each reply as it comes. If standard output fails, the other replies are
// still awaited, but not shown.
int try_command(const Command& command) {
    Signals signals;
    Terminal terminal{LogLevel::info};
    auto job = load_job(command.job_file, command.overrides);
    if (!job) return complain(terminal, job.error());
    if (auto why = not_enough_files(job->settings)) return complain(terminal, *why);
    for (const auto& warning : job->warnings) terminal.log(LogLevel::warn, warning);
    job->settings.log = [&](LogLevel level, std::string_view text) { terminal.log(level, text); };
    Watched watched{std::move(*job), signals, terminal, false};
    bool can_show = true;
    const auto show = [&](const Trial& trial) {
        can_show = can_show && print_result(report::trial_text(trial)) == all_completed;
    };
    const auto result = watched.run([&](Run& run) { return run.try_first(command.rows, show); });
    if (!result) {
        complain(terminal, result.error().what);
        return exit_code_of(result.error(), watched.signal());
    }
    if (!can_show) return local_failure;
    terminal.print(tried_text(*result));
    return result->failed_lines > 0 ? some_failed : all_completed;
}

// The same checks as `run`, up to the point where `run` would send something. With `--ask` the
// endpoints are asked for their models afterwards.
int check_command(const Command& command) {
    Terminal terminal{LogLevel::warn};
    auto job = load_job(command.job_file, command.overrides);
    if (!job) return complain(terminal, job.error());
    if (auto why = not_enough_files(job->settings)) return complain(terminal, *why);
    for (const auto& warning : job->warnings) terminal.log(LogLevel::warn, warning);
    take_over(command, *job);
    job->settings.log = [&](LogLevel level, std::string_view text) { terminal.log(level, text); };
    const auto asked = command.asks ? std::optional{*job} : std::nullopt;
    Run run{std::move(*job)};
    const auto plan = run.plan();
    if (!plan) {
        complain(terminal, plan.error().what);
        return exit_code_of(plan.error(), 0);
    }
    const auto printed = print_result(*plan);
    if (!asked || printed != all_completed) return printed;
    const auto offers = ask_offers(*asked, {});
    return offers ? show_offers(*offers, false) : complain(terminal, offers.error());
}

}  // namespace skein::app
