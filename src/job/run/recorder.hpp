#pragma once
#include "job/journal/journal.hpp"
#include "job/journal/sync_thread.hpp"
#include "job/output/ordered_output.hpp"
#include "job/output/outcome_counts.hpp"
#include "job/output/told_notes.hpp"
#include "job/run/gate.hpp"

#include <skein/job.hpp>
#include <skein/log.hpp>
#include <skein/request.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// A row that was asked, as its reply will need it.
struct AskedRow {
    std::uint64_t number = 0;  // Its turn, from 0.
    std::uint64_t line = 0;    // In the input.
    std::uint64_t row = 0;     // Its number in the journal.
    std::uint64_t hash = 0;
    std::uint64_t request_hash = 0;
    std::size_t bytes = 0;
    std::string custom_id{};
    std::string kept{};        // Fields for its line, as JSON.
    bool keeps_place = false;  // In the cap of the run, until its reply is recorded.
    // The answer that it has already, if it is asked again all the same: kept if it fails now.
    job::RecordRef answer{};
};

// A row whose reply is in the journal already.
struct KnownRow {
    std::uint64_t number = 0;
    job::RecordRef place{};
    job::Moved moved{};
};

// Why a run ends on a fault that concerns every row; nothing, if it was only cancelled.
std::optional<RunError> policy_stop(const Fault& fault, const std::string& endpoint);

// Writes replies down, first into the journal, then, in their turn, into the output. Lives on the
// delivery thread. What cannot be written is kept, and tried again at every `flush`.
//
// A reply is recorded when a kill cannot take it any more: when it is in the journal, and with
// `durability: each` when that is on the disk. With `interval` nothing here waits for the disk.
class Recorder {
public:
    // What a recorder in a program has beside it. Outlives the recorder.
    struct Beside {
        job::SyncThread* sync = nullptr;              // Null: syncs on this thread.
        std::function<void(std::size_t)> recorded{};  // Told of each place that is free again.
    };

    Recorder(
        const Job& job, job::Journal& journal, job::OrderedOutput& output, Gate& gate, Beside beside
    );

    // A reply that is no answer to the row (cancelled, key refused, no endpoint left, no time for a
    // first execution) is not written down: the row is asked again by the next run.
    void reply(const AskedRow& row, const Reply& reply);
    void known(const std::vector<KnownRow>& rows);

    // Makes durable and writes out what has come in since the last time.
    void flush(TimePoint now);

    // A flush, if more has come in than should wait in memory. With `durability: each` only into
    // the journal: the next `flush` syncs once for all of it.
    void flush_if_much(TimePoint now);

    // The last flush, and then the name for the output, unless the run is to stop. True if the
    // output is whole and has its name.
    Expected<bool, RunError> finish();

    job::OutcomeCounts& outcomes() { return outcomes_; }

private:
    struct Line {
        std::uint64_t number = 0;  // As of the row.
        std::uint64_t row = 0;
        std::uint64_t hash = 0;
        std::uint64_t request_hash = 0;
        bool ok = false;
        bool keeps_place = false;
        std::size_t begin = 0;  // In `text_`,
        std::size_t length = 0;
        job::RecordRef answer{};  // Of before, which goes into the output if this is none,
        job::Moved moved{};       // and where its row stands.
    };

    // A line that is in the journal. With `durability: each` it is recorded after the next sync.
    struct Journaled {
        std::uint64_t number = 0;
        job::RecordRef place{};  // Of what goes into the output.
        job::Moved moved{};
        bool failed = false;  // Now, whatever goes into the output.
        bool keeps_place = false;
    };
    static Journaled journaled(const Line& line, job::RecordRef place);

    std::string_view text_of(const Line& line) const {
        return std::string_view{text_}.substr(line.begin, line.length);
    }
    void leave_undone(const AskedRow& row, const Reply& reply);
    void tell_note(const AskedRow& row, const Reply& reply);
    bool is_to_try(TimePoint now);
    void append();
    void record(const Journaled& line, std::string_view at_hand = {});
    void sync_each();
    void tell_of_recorded();
    void flush_output();
    void sync_if_due(TimePoint now);
    job::Done sync_all();
    void fail(const RunError& error);

    const Output& settings_;
    job::Journal& journal_;
    job::OrderedOutput& output_;
    Gate& gate_;
    job::OutcomeCounts outcomes_;
    job::ToldNotes told_notes_;
    const LogFunction log_;
    const Beside beside_;
    std::vector<Line> unwritten_;       // Not in the journal yet,
    std::string text_;                  // and what they say.
    std::optional<RunError> trouble_;   // Why not.
    std::vector<Journaled> to_sync_;    // With `durability: each`.
    std::size_t places_ = 0;            // Free again, and not told of yet.
    std::uint64_t lines_ = 0;           // Recorded, and not told to the gate yet,
    std::uint64_t failed_ = 0;          // and of these the ones with a fault.
    std::uint64_t never_executed_ = 0;  // Rows that stay undone although the run went on.
    TimePoint synced_at_{};
    TimePoint tried_at_{};
};

}  // namespace skein
