#pragma once
#include "client/run_gate.hpp"
#include "job/journal.hpp"
#include "job/ordered_output.hpp"
#include "job/outcome_counts.hpp"

#include <skein/job.hpp>
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
    std::uint64_t hash = 0;
    std::size_t bytes = 0;
    std::string custom_id{};
};

// A row whose reply is in the journal already.
struct KnownRow {
    std::uint64_t number = 0;
    job::Place place{};
};

// Writes replies down, first into the journal, then, in their turn, into the output. Lives on the
// delivery thread. What cannot be written is kept, and tried again at every `flush`.
class Recorder {
public:
    Recorder(const Job& job, job::Journal& journal, job::OrderedOutput& output, Gate& gate);

    // A reply that is no answer to the row (cancelled, key refused, no endpoint left) is not
    // written down: the row is asked again by the next run.
    void reply(const AskedRow& row, const Reply& reply);
    void known(const std::vector<KnownRow>& rows);

    // Makes durable and writes out what has come in since the last time.
    void flush(TimePoint now);

    // Is it time for that, because what waits takes memory?
    bool holds_much() const;

    // The last flush, and then the name for the output, unless the run is to stop. True if the
    // output is whole and has its name.
    Expected<bool, RunError> finish();

    job::OutcomeCounts& outcomes() { return outcomes_; }

private:
    struct Line {
        std::uint64_t number = 0;  // As of the row.
        std::uint64_t line = 0;
        std::uint64_t hash = 0;
        bool ok = false;
        std::size_t begin = 0;  // In `text_`,
        std::size_t length = 0;
    };

    std::string_view text_of(const Line& line) const {
        return std::string_view{text_}.substr(line.begin, line.length);
    }
    void flush_journal();
    void put_all(const std::vector<job::Place>& places);
    void sync_if_due(TimePoint now);
    void fail(const RunError& error);

    const Output& settings_;
    job::Journal& journal_;
    job::OrderedOutput& output_;
    Gate& gate_;
    job::OutcomeCounts outcomes_;
    std::vector<Line> unwritten_;      // Not in the journal yet,
    std::string text_;                 // and what they say.
    std::optional<RunError> trouble_;  // Why not.
    TimePoint synced_at_{};
    TimePoint tried_at_{};
    bool unsynced_ = true;  // What an earlier run has left may be.
};

}  // namespace skein
