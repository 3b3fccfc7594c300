// Finds the journal of an earlier run and opens it, so that the next run can resume.
#pragma once
#include "job/file/interrupt.hpp"
#include "job/journal/failure_groups.hpp"
#include "job/journal/journal.hpp"
#include "job/journal/known_rows.hpp"
#include "job/run/earlier.hpp"
#include "job/run/preflight.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>
#include <skein/tally.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace skein {

// An open journal, and what was read from it.
struct Opened {
    job::Journal journal;
    job::KnownRows rows{};
    Spent spent{};
    job::FailureGroups failures{};  // Rows that failed and are not asked again.
    std::string note{};             // The repair that was made; empty if there was none.
    bool is_fresh = false;          // An earlier run wrote to it within the last minute.
    // The new job identity, to be appended to the journal; nothing if it is unchanged.
    std::optional<job::JobIdentity> facts{};
    std::uint64_t gone_before = 0;  // Gone rows, as the journal recorded them last.
};

// The state that an earlier run has left. `opened` holds its journal if the run resumes. Creates
// nothing on the disk. The error says why an existing file prevents the run.
struct Found {
    Earlier earlier{};
    std::optional<Opened> opened{};
};
Expected<Found, RunError> find_earlier(
    const Job& job, Preflight& preflight, const job::Interrupt& interrupt
);

// Opens the journal for a run. Creates the file and its folder if they are missing.
Expected<Opened, RunError> open_journal(const Job& job, const Preflight& preflight, Found found);

}  // namespace skein
