#pragma once
#include "client/assembly/client_plan.hpp"
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

// Preflight of a run: everything that is checked and opened before a request is sent. The order
// keeps mistakes cheap: first the checks that only read, then (in `open_journal`) the journal,
// which may be created.
struct Preflight {
    ClientPlan client;  // The settings that were checked, and what follows from them.
    job::OutputPresence standing = job::OutputPresence::free;
    std::optional<job::Scan> scan{};  // For a regular file; nothing for a stream, read only once.
    job::JobIdentity facts{};
    std::optional<job::Source> source{};
    std::optional<job::RequestBuilder> builder{};
    std::vector<job::RetryCondition> again{};  // The conditions of `--retry`.
};

// The extent of the preflight: `all` for a run; `first_rows` for a trial, which neither scans the
// whole input nor checks the output.
enum class Look : std::uint8_t { all, first_rows };

// Checks the settings, the input, the template and the output. Creates and changes nothing.
Expected<Preflight, RunError> look_at(
    const Job& job, const job::Interrupt& interrupt, Look look = Look::all
);

// The address of the first request as far as it is known in advance: the first endpoint, or the
// first local worker.
Endpoint first_endpoint(const Settings& settings);

}  // namespace skein
