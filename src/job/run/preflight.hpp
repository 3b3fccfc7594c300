#pragma once
#include "job/file/interrupt.hpp"
#include "job/input/request_builder.hpp"
#include "job/input/scan.hpp"
#include "job/input/source.hpp"
#include "job/journal/record.hpp"
#include "job/journal/retry.hpp"
#include "job/output/output_check.hpp"
#include "job/run/earlier.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skein {

// What a run stands on, looked at and opened before anything is sent, in the order in which a
// mistake costs least: first what only reads, then the journal, which may be created.
struct Preflight {
    job::OutputPresence standing = job::OutputPresence::free;
    std::optional<job::Scan> scan;  // Of a regular file; a stream cannot be read twice.
    job::JobIdentity facts;
    std::optional<job::Source> source;
    std::optional<job::RequestBuilder> builder;
    std::vector<job::RetryCondition> again;  // Of `--retry`.
};

// How much is looked at: for a run, all; to try the first rows, neither the rest of the input nor
// the output.
enum class Look : std::uint8_t { all, first_rows };

// Looks at the input, the template and the output. Creates and changes nothing.
Expected<Preflight, RunError> look_at(
    const Job& job, const job::Interrupt& interrupt, Look look = Look::all
);

// Where the first request goes, as far as that is known before: an endpoint, or a worker.
Endpoint first_endpoint(const Settings& settings);

}  // namespace skein
