// Writes replies to the journal (a write-ahead log) and then, in input order, to the output.
//
// Invariant: a reply reaches the output only after the journal has it. Everything here runs on the
// delivery thread.
#include "job/run/recorder.hpp"

#include "job/output/result_line.hpp"
#include "json/text.hpp"
#include "model/fault_table.hpp"

#include <utility>

namespace skein {
namespace {

constexpr Duration sync_interval = std::chrono::seconds{1};
constexpr Duration retry_interval = std::chrono::seconds{1};
constexpr std::size_t max_kept = 16 * 1024 * 1024;
// A larger batch is no cheaper and needs more memory.
constexpr std::size_t many_bytes = 64 * 1024;

RunError undone_error(std::uint64_t rows) {
    auto why = rows == 1 ? std::string{"1 row was never executed"}
                         : std::to_string(rows) + " rows were never executed";
    why += " within timeouts.request and";
    why += rows == 1 ? " stays undone" : " stay undone";
    return {RunError::Kind::policy, std::move(why)};
}

// The present line of a row whose earlier answer goes into the output.
job::Moved moved_of(const AskedRow& row) { return {row.line, row.custom_id}; }

}  // namespace

std::optional<RunError> policy_stop(const Fault& fault, const std::string& endpoint) {
    if (fault.kind == FaultKind::cancelled) return std::nullopt;
    auto why = "stopped: " + std::string{to_string(fault.kind)};
    if (!endpoint.empty()) why += " at " + endpoint;
    why += ", " + fault.detail;
    if (!fault.remote_message.empty()) why += ": " + fault.remote_message;
    return RunError{RunError::Kind::policy, std::move(why)};
}

Recorder::Recorder(
    const Job& job, job::Journal& journal, job::OrderedOutput& output, Gate& gate, Beside beside
)
    : settings_{job.output},
      is_native_{job.settings.native_body},
      journal_{journal},
      output_{output},
      gate_{gate},
      outcomes_{job.max_failures},
      log_{job.settings.log},
      beside_{std::move(beside)} {}

void Recorder::reply(const AskedRow& row, const Reply& reply) {
    // First, because it may let the reader go on while the line is formatted.
    gate_.answered(row.line, row.bytes);
    if (leaves_undone(reply)) return leave_undone(row, reply);
    if (auto why = outcomes_.add(row.custom_id, reply)) gate_.stop(std::move(*why));
    tell_note(row, reply);
    // All lines stand in one buffer, which is appended to the journal with one write. A line is
    // remembered by its offset, because the buffer moves when it grows.
    const auto begin = text_.size();
    job::append_result_line(
        text_, row.line, row.custom_id, reply, settings_.timings, row.kept, is_native_
    );
    unwritten_.push_back(
        {.number = row.number,
         .row = row.row,
         .hash = row.hash,
         .request_hash = row.request_hash,
         .ok = reply.completion() != nullptr,
         .keeps_place = row.keeps_place,
         .begin = begin,
         .length = text_.size() - begin,
         .answer = row.answer,
         .moved = row.answer.exists() ? moved_of(row) : job::Moved{}}
    );
}

// A failure never replaces an answer: the output shows the earlier answer if the new attempt
// failed.
Recorder::Journaled Recorder::journaled(const Line& line, job::RecordRef place) {
    const bool keeps_answer = !line.ok && line.answer.exists();
    return {
        .number = line.number,
        .place = keeps_answer ? line.answer : place,
        .moved = keeps_answer ? line.moved : job::Moved{},
        .failed = !line.ok,
        .keeps_place = line.keeps_place};
}

void Recorder::tell_note(const AskedRow& row, const Reply& reply) {
    const auto* completion = reply.completion();
    if (!completion || !told_notes_.is_new(completion->note) || !log_) return;
    log_(
        LogLevel::warn,
        "answers are kept with a note (skein.note in their lines, told once), first of " +
            json::printable(row.custom_id, 80) + " by " + reply.endpoint + ": " + completion->note
    );
}

// Handles a row that gets no line in the journal. If its time was over before any attempt was
// executed, the run goes on and the output leaves the row out, because this concerns no other row.
// Every other fault of this kind (such as a refused key) ends the run.
void Recorder::leave_undone(const AskedRow& row, const Reply& reply) {
    places_ += row.keeps_place ? 1 : 0;
    const auto& fault = *reply.fault();
    if (!leaves_undone(fault.kind)) {
        if (row.answer.exists()) {
            return record(
                {.number = row.number, .place = row.answer, .moved = moved_of(row), .failed = true}
            );
        }
        ++never_executed_;
        output_.skip(row.number);
        gate_.left_out();
    } else if (auto why = policy_stop(fault, reply.endpoint)) {
        gate_.stop(std::move(*why));
    }
}

// The journal has these replies already; only the output needs them.
void Recorder::known(const std::vector<KnownRow>& rows) {
    for (const auto& row : rows) output_.put(row.number, row.place, {}, row.moved);
}

void Recorder::flush(TimePoint now) {
    if (!is_to_try(now)) return;
    // In this order: a line reaches the output only after the journal has it, and places are given
    // free before the output is written, because no request depends on the output.
    append();
    sync_each();
    tell_of_recorded();
    flush_output();
    sync_if_due(now);
}

void Recorder::flush_if_much(TimePoint now) {
    if (text_.size() < many_bytes) return;
    if (settings_.durability != Output::Durability::each) return flush(now);
    if (is_to_try(now)) append();
}

// After a failed write the next try comes one second later, because replies arrive far more often
// and a full disk seldom recovers sooner.
bool Recorder::is_to_try(TimePoint now) {
    if (trouble_ && now - tried_at_ < retry_interval) return false;
    tried_at_ = now;
    trouble_.reset();
    return true;
}

void Recorder::append() {
    if (unwritten_.empty()) return;
    std::vector<job::Journal::Entry> entries;
    entries.reserve(unwritten_.size());
    for (const auto& line : unwritten_) {
        entries.push_back({line.row, line.hash, line.ok, text_of(line), line.request_hash});
    }
    auto places = journal_.append(entries);
    // The journal is worth more than the output, because the output can be made again from it. So a
    // full disk truncates OUT.part and the append is tried once more.
    if (!places && output_.give_way()) {
        gate_.stop(places.error());
        places = journal_.append(entries);
    }
    if (!places) return fail(places.error());
    for (std::size_t i = 0; i < places->size(); ++i) {
        const auto line = journaled(unwritten_[i], (*places)[i]);
        if (settings_.durability == Output::Durability::each) {
            to_sync_.push_back(line);
        } else {
            record(line, line.moved.exists() ? std::string_view{} : text_of(unwritten_[i]));
        }
    }
    unwritten_.clear();
    text_.clear();
    if (text_.capacity() > max_kept) std::string{}.swap(text_);
}

void Recorder::record(const Journaled& line, std::string_view at_hand) {
    ++lines_;
    failed_ += line.failed ? 1 : 0;
    places_ += line.keeps_place ? 1 : 0;
    output_.put(line.number, line.place, at_hand, line.moved);
}

// Group commit: one sync for all lines since the last one. Only then do they count as recorded.
void Recorder::sync_each() {
    if (trouble_ || to_sync_.empty()) return;
    if (auto done = journal_.sync(); !done) return fail(done.error());
    for (const auto& line : std::exchange(to_sync_, {})) record(line);
}

void Recorder::tell_of_recorded() {
    if (lines_ > 0) gate_.journaled(std::exchange(lines_, 0), std::exchange(failed_, 0));
    if (places_ > 0 && beside_.recorded) beside_.recorded(std::exchange(places_, 0));
}

// If OUT.part cannot be written any further, it is truncated, because its space serves the journal
// better.
void Recorder::flush_output() {
    if (trouble_) return;
    if (auto done = output_.flush(); !done) {
        if (!output_.give_way()) return fail(done.error());
        gate_.stop(done.error());
    }
    gate_.written(output_.written());
}

void Recorder::sync_if_due(TimePoint now) {
    if (trouble_) return;
    auto* const thread = beside_.sync;
    if (const auto error = thread ? thread->result() : std::nullopt) {
        if (auto done = journal_.end_sync(*error); !done) return fail(done.error());
    }
    const bool is_due = settings_.durability != Output::Durability::none &&
                        now - synced_at_ >= sync_interval && !(thread && thread->is_under_way());
    if (!is_due) return;
    synced_at_ = now;
    // With a thread beside it the delivery thread never waits for the disk.
    if (!thread) {
        if (auto done = journal_.sync(); !done) fail(done.error());
    } else if (journal_.begin_sync()) {
        thread->start(journal_.descriptor());
    }
}

// Stops the run: no more rows are asked. Replies that still come in are kept in memory for the next
// try.
void Recorder::fail(const RunError& error) {
    trouble_ = error;
    gate_.stop(error);
}

// Forces everything that was appended to the disk. Waits for a sync on the other thread first.
job::Done Recorder::sync_all() {
    if (settings_.durability == Output::Durability::none) return {};
    if (beside_.sync && beside_.sync->is_under_way()) {
        if (auto done = journal_.end_sync(beside_.sync->wait()); !done) return done;
    }
    return journal_.sync();
}

Expected<bool, RunError> Recorder::finish() {
    tried_at_ = {};  // The last flush must not be skipped by the pause between two tries.
    flush(Clock::now());
    if (trouble_) {
        if (unwritten_.empty()) return *trouble_;
        auto error = *trouble_;
        error.what += "; " + std::to_string(unwritten_.size()) + " replies could not be kept";
        return error;
    }
    // The journal is synced before the output gets its name: after a power cut the next run
    // believes the journal, and would ask rows again that it lacks.
    if (auto done = sync_all(); !done) return done.error();
    if (never_executed_ > 0) gate_.stop(undone_error(never_executed_));
    if (gate_.stopped()) return false;
    if (auto done = output_.finish(); !done) return done.error();
    return true;
}

}  // namespace skein
