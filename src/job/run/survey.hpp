// Dry run of `skein check`: the requests of the first rows are built and not sent.
#pragma once
#include "job/journal/failure_groups.hpp"
#include "job/journal/known_rows.hpp"
#include "job/run/preflight.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace skein {

// Tokens of the requests that would be sent. All are estimates except `max_tokens`.
struct TokenEstimate {
    std::uint64_t requests = 0;
    double input = 0;             // A token for every four bytes of a request's members.
    double max_output = 0;        // `max_tokens` of each request, or of each of its choices.
    std::uint64_t unbounded = 0;  // Requests without `max_tokens`, of their own or an endpoint's.
};

struct Survey {
    std::uint64_t rows = 0;    // Rows that were read.
    std::uint64_t broken = 0;  // Rows that cannot be asked.
    job::FailureGroups reasons{};
    std::uint64_t doubled = 0;   // Requests equal to the request of an earlier row.
    std::uint64_t distinct = 0;  // Different requests.
    std::map<std::string, std::uint64_t>
        slips{};             // Misspelled members of bodies (`temprature`), with their rows.
    TokenEstimate to_ask{};  // Estimate for the rows that would be asked.
    bool is_whole = true;    // Every row was read.
};

// Upper bound of the surveyed rows, because more rows seldom show a new problem and a person waits.
inline constexpr std::uint64_t max_surveyed = 100'000;

// Reads a regular file from its beginning. `rows`: the rows of the journal; null if there is none
// and every row is asked. Memory: 8 bytes for each row.
Expected<Survey, RunError> survey(
    const Job& job, Preflight& preflight, job::KnownRows* rows, const job::Interrupt& interrupt
);

// Lines of the plan, each ending with a line feed. `left`: the number of rows that would be asked.
std::string survey_text(const Job& job, const Survey& survey, std::optional<std::uint64_t> left);

// Describes the input: `csv, cut at ',' with the columns name, city`.
std::string input_kind_text(const Preflight& preflight);

}  // namespace skein
