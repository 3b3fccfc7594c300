// Rows that are known by their content, because the input has changed or cannot be known before.
#pragma once
#include "job/run/found.hpp"
#include "job/run/preflight.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <optional>

namespace skein {

// From here on rows are known by their content. Returns how many are gone; they are forgotten. The
// error names them, where they may not be gone. `same_requests`: the job makes the same ones as
// before of the same rows, so that they can be compared.
Expected<std::uint64_t, RunError> find_by_content(
    const Job& job,
    Preflight& preflight,
    const job::Interrupt& interrupt,
    bool same_requests,
    Opened& opened
);

// The row in the journal, or its new number.
job::KnownRows::Match match_of(
    job::KnownRows& rows, job::RequestBuilder& builder, const job::Row& row
);

// After the last row of a stream: the complaint about rows of the journal that did not come, unless
// they may be gone.
std::optional<RunError> gone_from_stream(const Job& job, Opened& opened, bool has_asked);

}  // namespace skein
