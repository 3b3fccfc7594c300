// Reads rows, asks the client core and has the replies recorded: the main loop of a run.
//
// Invariant: rows are numbered in input order, without gaps, and each number reaches the recorder
// once, as a known row or with a reply. The input is read on the thread of `run`; recording happens
// on the delivery thread only.
#include "job/run/session.hpp"

#include "base/time_math.hpp"
#include "job/file/fingerprint.hpp"

#include <algorithm>
#include <exception>
#include <future>
#include <string>
#include <utility>

namespace skein {
namespace {

constexpr std::size_t known_rows_at_once = 4096;
// Batch size of submissions, because waking the control thread for each row costs more than all
// other work on the row.
constexpr std::size_t rows_at_once = 64;
// Time that a reply may wait to be written in one batch with others. Zero if replies keep their
// places until recorded, because a waiting reply would then delay a request.
constexpr Duration linger = std::chrono::milliseconds{1};
// Period of the flush without replies: the longest delay of a due sync and of a new try after a
// failed write.
constexpr Duration heartbeat = std::chrono::seconds{1};

// Estimated processor time to open one connection, on one core. During the opening phase no further
// rows are prepared, because they cannot leave before a first reply frees a place and would only
// compete for the processor.
constexpr Duration to_open_one = std::chrono::microseconds{100};

// Requests held in memory beyond those in flight: enough that a pause of the reader does not empty
// the line (the wait queue). More would waste memory, because the rest can wait in the input file.
std::size_t reserve_for(const Settings& settings) {
    return std::clamp<std::size_t>(settings.in_flight, 512, 4096);
}

std::size_t held_for(const Settings& settings) {
    return settings.in_flight + reserve_for(settings);
}

Fault duplicate_id(const std::string& id) {
    return {.kind = FaultKind::bad_input, .detail = "the custom_id " + id + " was there before"};
}

}  // namespace

RunError internal_failure(const char* what) {
    return {RunError::Kind::local, std::string{"internal failure: "} + what};
}

RunSession::RunSession(
    const Job& job,
    Preflight preflight,
    std::unique_ptr<Opened> opened,
    job::OrderedOutput output,
    std::function<void()> on_stop
)
    : job_{job},
      preflight_{std::move(preflight)},
      opened_{std::move(opened)},
      output_{std::move(output)},
      gate_{
          {std::max<std::uint64_t>(job.window, 1),
           held_for(job.settings),
           job.settings.window_bytes,
           job.settings.in_flight + reserve_for(job.settings) / 4 * 3,
           job.settings.in_flight,
           to_open_one * static_cast<Duration::rep>(job.settings.in_flight)},
          std::move(on_stop)},
      recorder_{
          job_,
          opened_->journal,
          output_,
          gate_,
          {.sync = begin_sync_thread(),
           .recorded = [this](std::size_t count) { core_.recorded(count); }}},
      core_{
          preflight_.client,
          {.batches =
               {.after = [this] { flush(); },
                .heartbeat = heartbeat,
                .linger = keeps_places() ? Duration::zero() : linger},
           .keeps_place_until_recorded = keeps_places(),
           .rates_begin_empty = opened_->is_fresh,
           .spares_rows = true,
           .window = held_for(job.settings)}} {
    recorder_.outcomes().begin_with(opened_->failures);
    preflight_.source->before_reading([this] { send(); });
}

// True if a reply occupies its place in the cap until it is recorded, so that a kill loses at most
// that many replies. Not for standard output: its journal ends with the process anyway, and a slow
// reader of the pipe must not hold up requests.
bool RunSession::keeps_places() const { return !job::to_standard_output(job_.output); }

job::SyncThread* RunSession::begin_sync_thread() {
    if (job_.output.durability != Output::Durability::interval) return nullptr;
    return &sync_.emplace();
}

void RunSession::flush() {
    try {
        recorder_.flush(Clock::now());
    } catch (const std::exception& error) {
        gate_.stop(internal_failure(error.what()));
    }
}

Expected<Tally, RunError> RunSession::run() {
    if (core_.complaint()) return RunError{RunError::Kind::config, core_.complaint()->text()};
    if (auto trouble = read_all()) gate_.stop(std::move(*trouble));
    // Rows that are taken must be asked even after a stop, because the gate waits for their
    // replies.
    send();
    core_.expect_no_more();
    wait_for_the_last();
    const auto whole = finish();
    if (!whole) return with_standing(whole.error());
    // A stop that comes after the rename is ignored, because the output is complete.
    return *whole ? Expected<Tally, RunError>{tally()} : with_standing(*gate_.stopped());
}

void RunSession::cancel() {
    cancelled_ = true;
    core_.cancel_all();
}

std::optional<RunError> RunSession::read_all() {
    while (may_read_on()) {
        auto row = preflight_.source->next();
        // If the read was interrupted, the gate has the reason already and ignores this error.
        if (!row) return row.error();
        if (!*row) {
            blank_lines_ = preflight_.source->blank_lines();
            hand_over_known();
            return end_of_input();
        }
        if (auto error = take(**row)) return error;
    }
    return std::nullopt;
}

// Sends the collected rows before a wait, because they would wait as well.
bool RunSession::may_read_on() {
    if (gate_.has_room()) return true;
    send();
    return gate_.wait_for_room();
}

std::optional<RunError> RunSession::take(const job::Row& row) {
    auto& rows = opened_->rows;
    const auto match = match_of(rows, *preflight_.builder, row);
    const auto& place = match.place;
    if (!place || place->is_to_ask_again()) {
        hand_over_known();
        ask(row, match);
        return std::nullopt;
    }
    // The fingerprint of the file was equal at the start, so the input changed while the job ran.
    if (!rows.is_by_content() && !place->is_of(row.hash)) {
        const bool has_asked = gate_.counts().asked > 0;
        return RunError{
            has_asked ? RunError::Kind::local : RunError::Kind::config,
            "line " + std::to_string(row.line) +
                " of the input is not the one that the journal has a reply to; give --overwrite to "
                "begin anew"};
    }
    job::Moved moved;
    if (rows.is_by_content()) moved = {row.line, preflight_.builder->name_of(row)};
    known_.push_back({next_number_++, *place, moved});
    known_failed_ += place->ok() ? 0 : 1;
    if (known_.size() >= known_rows_at_once) hand_over_known();
    return std::nullopt;
}

// Posted to the delivery thread, which owns the recorder. Called before a row is asked, so that the
// order of calls is the order of rows.
void RunSession::hand_over_known() {
    if (known_.empty()) return;
    gate_.take_known(known_.size(), std::exchange(known_failed_, 0));
    core_.post([this, rows = std::exchange(known_, {})] { recorder_.known(rows); });
}

void RunSession::ask(const job::Row& row, const job::KnownRows::Match& match) {
    auto asked = preflight_.builder->ask(row);
    // The scan of a file has refused duplicate ids. In a stream they are found here, row by row.
    const bool is_new = preflight_.scan || ids_.insert(job::hash_of(asked.custom_id)).second;
    AskedRow asked_row{
        next_number_++,
        row.line,
        match.number,
        row.hash,
        job::request_hash_of(asked, row.line),
        row.bytes.size() + asked.kept.size(),
        std::move(asked.custom_id),
        std::move(asked.kept)};
    if (match.place && match.place->ok()) asked_row.answer = *match.place;
    asked_row.keeps_place = asked.request && is_new && keeps_places();
    gate_.take_asked(asked_row.line, asked_row.bytes);
    if (!asked.request || !is_new) {
        auto fault =
            asked.request ? duplicate_id(asked_row.custom_id) : std::move(asked.request.error());
        core_.post([this, asked_row = std::move(asked_row), fault = std::move(fault)] {
            record(asked_row, Reply{.outcome = fault});
        });
        return;
    }
    auto on_reply = [this, asked_row = std::move(asked_row)](Reply reply) {
        record(asked_row, reply);
    };
    unsent_.push_back({std::move(*asked.request), {.on_reply = std::move(on_reply)}});
    if (unsent_.size() == rows_at_once) send();
}

void RunSession::send() {
    if (!unsent_.empty()) core_.ask(std::exchange(unsent_, {}));
}

void RunSession::record(const AskedRow& row, const Reply& reply) {
    try {
        recorder_.reply(row, reply);
        recorder_.flush_if_much(Clock::now());
    } catch (const std::exception& error) {
        gate_.stop(internal_failure(error.what()));
    }
}

// Checks at the end of the input: a stream may lack rows of the journal, which is known only now; a
// file must still have the fingerprint of the preflight.
std::optional<RunError> RunSession::end_of_input() {
    if (!preflight_.scan) return gone_from_stream(job_, *opened_, gate_.counts().asked > 0);
    if (preflight_.source->fingerprint() == preflight_.scan->fingerprint) return std::nullopt;
    return RunError{
        RunError::Kind::local,
        job_.input.file +
            " changed while it was read: which lines the replies in the journal are to is not "
            "known"};
}

// Waits until every asked row has its reply. If the run is to stop, requests in flight get the
// grace of the job and are then cancelled; a cancelled request has a reply, too.
void RunSession::wait_for_the_last() {
    if (gate_.wait_until_answered(never, false)) return;
    core_.stop_starting();
    const auto why = gate_.stopped();
    // A local failure of a run to standard output, such as a reader that has gone. No journal can
    // keep the answers in flight, so they are not waited for.
    const bool nobody_reads =
        why && why->kind == RunError::Kind::local && job::to_standard_output(job_.output);
    const auto grace = nobody_reads || cancelled_ ? Duration::zero() : job_.grace;
    if (!gate_.wait_until_answered(saturating_add(Clock::now(), grace), true)) core_.cancel_all();
    gate_.wait_until_answered(never, true);
}

// Runs on the delivery thread after the last reply, because the recorder belongs to that thread.
Expected<bool, RunError> RunSession::finish() {
    std::promise<Expected<bool, RunError>> promise;
    auto future = promise.get_future();
    core_.post([this, &promise] {
        try {
            promise.set_value(recorder_.finish());
        } catch (const std::exception& error) {
            promise.set_value(internal_failure(error.what()));
        }
    });
    return future.get();
}

// Adds the progress of the run to the reason of a stop, so that a person can decide whether to
// resume.
RunError RunSession::with_standing(RunError why) const {
    const auto counts = gate_.counts();
    const bool resumable = !job::to_standard_output(job_.output);
    why.what += "; " + std::to_string(resumable ? kept(counts) : counts.written);
    if (preflight_.scan) why.what += " of " + std::to_string(preflight_.scan->rows);
    why.what +=
        resumable ? " rows are in the journal: run again to finish the rest" : " rows were written";
    return why;
}

// Number of rows in the journal, including rows of earlier runs that this run has not reached.
std::uint64_t RunSession::kept(const Gate::Counts& counts) const {
    const auto before = opened_->rows.index().size();
    if (opened_->rows.index().again() > 0)
        return std::max(before, counts.done);  // Rows asked again are in both numbers.
    return before + counts.done - counts.resumed;
}

Tally RunSession::tally() {
    auto tally = core_.tally();
    const auto counts = gate_.counts();
    tally.written = counts.written;
    tally.resumed = counts.resumed;
    tally.failed_lines = counts.failed_lines;
    tally.left_out = counts.left_out;
    tally.blank_lines = blank_lines_;
    tally.stalled_on_oldest = counts.stalled;
    tally.rows = preflight_.scan ? preflight_.scan->rows : 0;
    tally.done = kept(counts);
    tally.earlier = opened_->spent;
    recorder_.outcomes().fill(tally);
    return tally;
}

Progress RunSession::progress() {
    const auto counts = gate_.counts();
    return {
        .tally = tally(),
        .rows = preflight_.scan ? preflight_.scan->rows : 0,
        .done = counts.done,
        .written = counts.written,
        .oldest = counts.oldest};
}

}  // namespace skein
