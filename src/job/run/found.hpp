// What an earlier run has left, found and opened.
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

// The journal, and what an earlier run has left in it.
struct Opened {
    job::Journal journal;
    job::KnownRows rows{};
    Spent spent{};
    job::FailureGroups failures{};  // Of the rows that failed and are not asked again.
    std::string note{};             // What was repaired; empty if nothing.
    bool is_fresh = false;          // An earlier run of it wrote within the last minute.
    // What the journal is to say of its job from now on, where that differs from before.
    std::optional<job::JobIdentity> facts{};
    std::uint64_t gone_before = 0;  // Rows that were gone when the journal said so last.
};

// What an earlier run has left: its journal is open where it is gone on with. Creates nothing. The
// error says why what is there stands in the way.
struct Found {
    Earlier earlier{};
    std::optional<Opened> opened{};
};
Expected<Found, RunError> find_earlier(
    const Job& job, Preflight& preflight, const job::Interrupt& interrupt
);

// Opens the journal for a run, which may create it and the folder it is in.
Expected<Opened, RunError> open_journal(const Job& job, const Preflight& preflight, Found found);

}  // namespace skein
