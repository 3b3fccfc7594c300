#pragma once
#include "client/run_earlier.hpp"
#include "job/asker.hpp"
#include "job/failure_groups.hpp"
#include "job/index.hpp"
#include "job/interrupt.hpp"
#include "job/journal.hpp"
#include "job/output_check.hpp"
#include "job/scan.hpp"
#include "job/source.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>
#include <skein/tally.hpp>

#include <optional>
#include <string>

namespace skein {

// What a run stands on, looked at and opened before anything is sent, in the order in which a
// mistake costs least: first what only reads, then the journal, which may be created.
struct Ground {
    job::Standing standing = job::Standing::free;
    std::optional<job::Scan> scan;  // Of a regular file; a stream cannot be read twice.
    job::Facts facts;
    std::optional<job::Source> source;
    std::optional<job::Asker> asker;
};

// Looks at the input, the template and the output. Creates and changes nothing.
Expected<Ground, RunError> look_at(const Job& job, const job::Interrupt& interrupt);

// The journal, and what an earlier run has left in it.
struct Opened {
    job::Journal journal;
    job::Index index{};
    Spent spent{};
    job::FailureGroups failures{};  // Of the rows that failed and are not asked again.
    std::string note{};             // What was repaired; empty if nothing.
    bool is_fresh = false;          // An earlier run of it wrote within the last minute.
};

// What an earlier run has left: its journal is open where it is gone on with. Creates nothing. The
// error says why what is there stands in the way.
struct Found {
    Earlier earlier{};
    std::optional<Opened> opened{};
};
Expected<Found, RunError> find_earlier(const Job& job, const Ground& ground);

// Opens the journal for a run, which may create it and the folder it is in.
Expected<Opened, RunError> open_journal(const Job& job, const Ground& ground, Found found);

// Text for a person: what the job would do.
std::string plan_text(const Job& job, Ground& ground, const Earlier& earlier);

}  // namespace skein
