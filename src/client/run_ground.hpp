#pragma once
#include "job/asker.hpp"
#include "job/index.hpp"
#include "job/interrupt.hpp"
#include "job/journal.hpp"
#include "job/output_check.hpp"
#include "job/scan.hpp"
#include "job/source.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

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

// Opens the journal, and reads into the index what an earlier run has left.
struct Opened {
    job::Journal journal;
    job::Index index;
    std::string note;  // What was repaired; empty if nothing.
};
Expected<Opened, RunError> open_journal(const Job& job, const Ground& ground);

// Why what an earlier run has left stands in the way, if it does. Creates nothing.
std::optional<RunError> why_not_resumable(const Job& job, const Ground& ground);

// Text for a person: what the job would do.
std::string plan_text(const Job& job, Ground& ground);

}  // namespace skein
