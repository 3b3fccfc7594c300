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

// Facts of an asked row that are needed when its reply comes.
struct AskedRow {
    std::uint64_t number = 0;  // Position in the output, from 0.
    std::uint64_t line = 0;    // Line in the input.
    std::uint64_t row = 0;     // Number of the row in the journal.
    std::uint64_t hash = 0;
    std::uint64_t request_hash = 0;
    std::size_t bytes = 0;
    std::string custom_id{};
    std::string kept{};        // Input fields for the output line, as JSON.
    bool keeps_place = false;  // Occupies a place in the cap of the run until it is recorded.
    // The answer of an earlier run, if the row is asked again. It is kept if the new reply is a
    // fault.
    job::RecordRef answer{};
};

// A row that needs no request because the journal has its reply.
struct KnownRow {
    std::uint64_t number = 0;
    job::RecordRef place{};
    job::Moved moved{};
};

// The reason to end a run on a fault that concerns every row (such as a refused key); nothing for a
// cancelled request.
std::optional<RunError> policy_stop(const Fault& fault, const std::string& endpoint);

// Records replies: first in the journal, a write-ahead log, then in the output in input order. Runs
// on the delivery thread. A reply that cannot be written stays in memory and is tried again at
// every `flush`.
//
// A reply counts as recorded when a kill of the process cannot lose it: when it is in the journal,
// and with `durability: each` when the journal is on the disk. With `interval` no call here waits
// for the disk.
class Recorder {
public:
    // Helpers of a recorder in the program; tests leave them out. They outlive the recorder.
    struct Beside {
        job::SyncThread* sync = nullptr;              // Null: the recorder syncs on its own thread.
        std::function<void(std::size_t)> recorded{};  // Receives the number of freed places.
    };

    Recorder(
        const Job& job, job::Journal& journal, job::OrderedOutput& output, Gate& gate, Beside beside
    );

    // A reply that says nothing about the row (cancelled, key refused, no endpoint left, no time
    // for a first execution) is not recorded, so that the next run asks the row again.
    void reply(const AskedRow& row, const Reply& reply);
    void known(const std::vector<KnownRow>& rows);

    // Records the replies since the last call and writes the output lines whose turn has come.
    void flush(TimePoint now);

    // Flushes if more than 64 KiB wait in memory. With `durability: each` it appends to the journal
    // only, and the next `flush` syncs once for all of them (group commit).
    void flush_if_much(TimePoint now);

    // Flushes and syncs, then renames OUT.part to the output unless the run is to stop. True if the
    // output is complete and has its name.
    Expected<bool, RunError> finish();

    job::OutcomeCounts& outcomes() { return outcomes_; }

private:
    struct Line {
        std::uint64_t number = 0;  // `AskedRow::number`.
        std::uint64_t row = 0;
        std::uint64_t hash = 0;
        std::uint64_t request_hash = 0;
        bool ok = false;
        bool keeps_place = false;
        std::size_t begin = 0;  // Offset of the line in `text_`.
        std::size_t length = 0;
        job::RecordRef answer{};  // Earlier answer, which the output shows if this is a fault.
        job::Moved moved{};       // Present line of the row of `answer`.
    };

    // A line in the journal. With `durability: each` it is recorded after the next sync.
    struct Journaled {
        std::uint64_t number = 0;
        job::RecordRef place{};  // The record that goes into the output.
        job::Moved moved{};
        bool failed = false;  // The new reply is a fault, whichever line the output shows.
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
    const bool is_native_;  // Bodies are the servers' own.
    job::Journal& journal_;
    job::OrderedOutput& output_;
    Gate& gate_;
    job::OutcomeCounts outcomes_;
    job::ToldNotes told_notes_;
    const LogFunction log_;
    const Beside beside_;
    std::vector<Line> unwritten_;       // Lines that are not in the journal yet.
    std::string text_;                  // The text of `unwritten_`.
    std::optional<RunError> trouble_;   // The last failure to write.
    std::vector<Journaled> to_sync_;    // Lines that wait for a sync, with `durability: each`.
    std::size_t places_ = 0;            // Freed places that are not reported yet.
    std::uint64_t lines_ = 0;           // Recorded lines that the gate does not count yet.
    std::uint64_t failed_ = 0;          // Faults among `lines_`.
    std::uint64_t never_executed_ = 0;  // Rows that stay undone although the run went on.
    TimePoint synced_at_{};
    TimePoint tried_at_{};
};

}  // namespace skein
