// Matching rows by their content: for an input that has changed, or a stream that cannot be read
// twice.
#pragma once
#include "job/run/found.hpp"
#include "job/run/preflight.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <optional>

namespace skein {

// Switches `opened.rows` to matching by content. Returns the number of rows that are gone from the
// input; the index forgets them. Fails if rows are gone and the job does not allow it; the error
// names the first of these rows. `same_requests`: the template and the model are unchanged, so that
// requests can be compared as well.
Expected<std::uint64_t, RunError> find_by_content(
    const Job& job,
    Preflight& preflight,
    const job::Interrupt& interrupt,
    bool same_requests,
    Opened& opened
);

// The number of a row in the journal and its reply, if there is one. A new row gets a new number.
job::KnownRows::Match match_of(
    job::KnownRows& rows, job::RequestBuilder& builder, const job::Row& row
);

// Called after the last row of a stream. Returns an error if rows of the journal did not come and
// the job does not allow rows to be gone. `has_asked`: requests were sent in this run.
std::optional<RunError> gone_from_stream(const Job& job, Opened& opened, bool has_asked);

}  // namespace skein
