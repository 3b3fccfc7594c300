#include "client/core.hpp"
#include "client/run_deadline.hpp"
#include "client/run_gate.hpp"
#include "client/run_ground.hpp"
#include "client/run_recorder.hpp"
#include "job/fingerprint.hpp"

#include <skein/run.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>

namespace skein {
namespace {

constexpr std::size_t known_rows_at_once = 4096;
constexpr std::size_t held_at_least = 4096;

// What a file job holds in memory: enough that pauses and slow answers do not empty the line, and
// no more, for the rest waits in the input file.
std::size_t held_for(const Settings& settings) {
    return std::max(held_at_least, 4 * settings.in_flight);
}

Fault duplicate_id(const std::string& id) {
    return {.kind = FaultKind::bad_input, .detail = "the custom_id " + id + " was there before"};
}

}  // namespace

// One run, from the opened journal to the last line. Lives as long as `Run::run` takes.
class Underway {
public:
    Underway(
        const Job& job,
        Ground ground,
        std::unique_ptr<Opened> opened,
        job::OrderedOutput output,
        const job::Interrupt& interrupt
    )
        : job_{job},
          ground_{std::move(ground)},
          opened_{std::move(opened)},
          output_{std::move(output)},
          interrupt_{interrupt},
          gate_{{job.window, held_for(job.settings), job.settings.window_bytes}},
          recorder_{job_, opened_->journal, output_, gate_},
          core_{settings_of(job), [this] { recorder_.flush(Clock::now()); }} {}

    Expected<Tally, RunError> run();

    // Any thread.
    void stop(RunError why) { gate_.stop(std::move(why)); }
    void cancel() {
        cancelled_ = true;
        core_.cancel_all();
    }
    Progress progress();

private:
    static Settings settings_of(const Job& job) {
        auto settings = job.settings;
        settings.window = held_for(settings);
        return settings;
    }

    std::optional<RunError> read_all();
    std::optional<RunError> take(const job::Row& row);
    bool is_known(const job::Row& row);
    void ask(const job::Row& row);
    void hand_over_known();
    std::optional<RunError> input_changed() const;
    bool wait_for_the_last();
    std::optional<RunError> finish(bool whole);
    RunError with_standing(RunError why) const;
    Tally tally();

    const Job& job_;
    Ground ground_;
    std::unique_ptr<Opened> opened_;  // The output refers to the journal in it.
    job::OrderedOutput output_;
    const job::Interrupt& interrupt_;
    Gate gate_;
    Recorder recorder_;
    std::vector<KnownRow> known_;
    std::uint64_t known_failed_ = 0;
    std::unordered_set<std::uint64_t> ids_;  // Of a stream, which was not scanned.
    std::uint64_t next_number_ = 0;
    std::atomic<bool> cancelled_ = false;
    Core core_;  // The first to go: its threads use all of the above.
};

Expected<Tally, RunError> Underway::run() {
    if (core_.complaint()) return RunError{RunError::Kind::config, core_.complaint()->text()};
    auto trouble = read_all();
    if (trouble) gate_.stop(*trouble);
    const bool answered = wait_for_the_last();
    const auto stopped = gate_.stopped();
    const bool whole = answered && !stopped;
    auto not_kept = finish(whole);
    if (not_kept) return std::move(*not_kept);
    if (stopped) return with_standing(*stopped);
    return tally();
}

std::optional<RunError> Underway::read_all() {
    while (gate_.wait_for_room()) {
        auto row = ground_.source->next();
        if (!row) return interrupt_.raised() ? std::nullopt : std::optional{row.error()};
        if (!*row) {
            hand_over_known();
            return input_changed();
        }
        if (auto error = take(**row)) return error;
    }
    return std::nullopt;
}

std::optional<RunError> Underway::take(const job::Row& row) {
    if (const auto place = opened_->index.find(row.line);
        place && !(job_.retry_failed && !place->ok())) {
        if (!place->is_of(row.hash)) {
            return RunError{
                RunError::Kind::config,
                "line " + std::to_string(row.line) +
                    " of the input is not the one that the journal has a reply to; give "
                    "--overwrite to begin anew"};
        }
        known_.push_back({next_number_++, *place});
        known_failed_ += place->ok() ? 0 : 1;
        if (known_.size() >= known_rows_at_once) hand_over_known();
        return std::nullopt;
    }
    hand_over_known();
    ask(row);
    return std::nullopt;
}

void Underway::hand_over_known() {
    if (known_.empty()) return;
    gate_.take_known(known_.size(), std::exchange(known_failed_, 0));
    core_.post([this, rows = std::exchange(known_, {})] { recorder_.known(rows); });
}

void Underway::ask(const job::Row& row) {
    auto asked = ground_.asker->ask(row);
    const bool is_new = ground_.scan || ids_.insert(job::hash_of(asked.custom_id)).second;
    AskedRow asked_row{
        next_number_++, row.line, row.hash, row.bytes.size(), std::move(asked.custom_id)};
    gate_.take_asked(asked_row.line, asked_row.bytes);
    if (!asked.request || !is_new) {
        auto fault =
            asked.request ? duplicate_id(asked_row.custom_id) : std::move(asked.request.error());
        core_.post([this, asked_row = std::move(asked_row), fault = std::move(fault)] {
            recorder_.reply(asked_row, Reply{.outcome = fault});
        });
        return;
    }
    core_.ask(*asked.request, [this, asked_row = std::move(asked_row)](Reply reply) {
        recorder_.reply(asked_row, reply);
    });
}

std::optional<RunError> Underway::input_changed() const {
    if (!ground_.scan || ground_.source->fingerprint() == ground_.scan->fingerprint)
        return std::nullopt;
    return RunError{
        RunError::Kind::local,
        job_.input.file +
            " changed while it was read: the replies are in the journal, but to which lines is not "
            "known"};
}

// Everything asked is answered; or the run is to stop, and what is in flight had its grace.
bool Underway::wait_for_the_last() {
    if (gate_.wait_until_answered(never, false)) return true;
    core_.stop_starting();
    const auto error = gate_.stopped();
    const bool nobody_reads =
        error && error->kind == RunError::Kind::local && job::to_standard_output(job_.output);
    const auto grace = nobody_reads || cancelled_ ? Duration::zero() : job_.grace;
    if (!gate_.wait_until_answered(Clock::now() + grace, true)) core_.cancel_all();
    return gate_.wait_until_answered(never, true);
}

std::optional<RunError> Underway::finish(bool whole) {
    std::promise<std::optional<RunError>> promise;
    auto future = promise.get_future();
    core_.post([this, whole, &promise] { promise.set_value(recorder_.finish(whole)); });
    return future.get();
}

// How far it has come, for whoever must decide whether to go on.
RunError Underway::with_standing(RunError why) const {
    const auto counts = gate_.counts();
    const bool resumable = !job::to_standard_output(job_.output);
    why.what += "; " + std::to_string(resumable ? counts.done : counts.written);
    if (ground_.scan) why.what += " of " + std::to_string(ground_.scan->rows);
    why.what +=
        resumable ? " rows are in the journal: run again to finish the rest" : " rows were written";
    return why;
}

Tally Underway::tally() {
    auto tally = core_.tally();
    const auto counts = gate_.counts();
    tally.written = counts.written;
    tally.resumed = counts.resumed;
    tally.failed_lines = counts.failed_lines;
    tally.stalled_on_oldest = counts.stalled;
    return tally;
}

Progress Underway::progress() {
    const auto counts = gate_.counts();
    return {
        .tally = tally(),
        .rows = ground_.scan ? ground_.scan->rows : 0,
        .done = counts.done,
        .written = counts.written,
        .oldest = counts.oldest,
        .notes = {}};
}

struct Run::Impl {
    explicit Impl(Job given) : job{std::move(given)} {}

    Expected<Tally, RunError> run();
    Expected<Tally, RunError> already_complete(const Ground& ground, const job::Index& index);
    void stop(RunError why);
    RunError stopped_or(RunError error);

    Job job;
    job::Interrupt reading;  // Ends a read that waits for input.
    job::Interrupt writing;  // Ends a write that waits for a reader.
    std::mutex mutex;        // Of what follows.
    std::shared_ptr<Underway> underway;
    std::optional<RunError> stopped;
    bool cancelled = false;
    Progress last;
};

Expected<Tally, RunError> Run::Impl::run() {
    std::optional<RunDeadline> deadline;
    if (job.longest > Duration::zero()) {
        deadline.emplace(job.longest, [this] {
            stop({RunError::Kind::policy, "stopped: timeouts.job has passed"});
        });
    }
    auto ground = look_at(job, reading);
    if (!ground) return stopped_or(ground.error());
    auto opened = open_journal(job, *ground);
    if (!opened) return opened.error();
    if (!opened->note.empty() && job.settings.log) job.settings.log(LogLevel::warn, opened->note);
    if (ground->standing == job::Standing::there && !job.output.overwrite) {
        const bool complete = ground->scan && opened->index.size() == ground->scan->rows;
        if (!complete) return job::output_exists(job.output);
        if (!job.retry_failed || opened->index.failed() == 0)
            return already_complete(*ground, opened->index);
    }
    auto kept = std::make_unique<Opened>(std::move(*opened));
    auto settings = job.output;
    if (ground->standing == job::Standing::there) settings.overwrite = true;  // By better replies.
    auto output = job::OrderedOutput::open(settings, kept->journal, writing);
    if (!output) return output.error();

    auto going = std::make_shared<Underway>(
        job, std::move(*ground), std::move(kept), std::move(*output), reading
    );
    {
        const std::lock_guard lock{mutex};
        underway = going;
        if (stopped) going->stop(*stopped);
        if (cancelled) going->cancel();
    }
    auto result = going->run();
    const std::lock_guard lock{mutex};
    last = going->progress();
    underway.reset();
    return result;
}

Expected<Tally, RunError> Run::Impl::already_complete(
    const Ground& ground, const job::Index& index
) {
    Tally tally;
    tally.written = tally.resumed = ground.scan->rows;
    tally.failed_lines = index.failed();
    if (job.settings.log) {
        job.settings.log(
            LogLevel::info, job.output.file + " is complete already; nothing was asked"
        );
    }
    return tally;
}

void Run::Impl::stop(RunError why) {
    reading.raise();
    const std::lock_guard lock{mutex};
    if (!stopped) stopped = why;
    if (underway) underway->stop(std::move(why));
}

// Somebody who was stopped did not fail.
RunError Run::Impl::stopped_or(RunError error) {
    const std::lock_guard lock{mutex};
    return stopped.value_or(std::move(error));
}

Run::Run(Job job) : impl_{std::make_unique<Impl>(std::move(job))} {}

Run::~Run() { cancel(); }

Expected<std::string, RunError> Run::plan() {
    auto ground = look_at(impl_->job, impl_->reading);
    if (!ground) return ground.error();
    if (ground->standing == job::Standing::there && !impl_->job.output.overwrite) {
        auto opened = open_journal(impl_->job, *ground);
        if (!opened) return opened.error();
        if (!ground->scan || opened->index.size() != ground->scan->rows)
            return job::output_exists(impl_->job.output);
    }
    return plan_text(impl_->job, *ground);
}

Expected<Tally, RunError> Run::run() { return impl_->run(); }

void Run::stop() { impl_->stop({RunError::Kind::stopped, "stopped on request"}); }

void Run::cancel() {
    stop();
    impl_->writing.raise();
    const std::lock_guard lock{impl_->mutex};
    impl_->cancelled = true;
    if (impl_->underway) impl_->underway->cancel();
}

Progress Run::progress() const {
    std::shared_ptr<Underway> underway;
    {
        const std::lock_guard lock{impl_->mutex};
        underway = impl_->underway;
        if (!underway) return impl_->last;
    }
    return underway->progress();
}

Expected<Tally, RunError> run_job(Job job) { return Run{std::move(job)}.run(); }

}  // namespace skein
