// What `skein check` finds out by making the requests of the first rows, without sending them.
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

// Tokens of the requests that would be asked: estimates, except for `max_tokens`.
struct TokenEstimate {
    std::uint64_t requests = 0;
    double input = 0;             // A token for every four bytes of a request's members.
    double most_output = 0;       // `max_tokens` of each request, or of each of its choices.
    std::uint64_t unbounded = 0;  // Requests that set no `max_tokens`.
};

struct Survey {
    std::uint64_t rows = 0;    // Looked at.
    std::uint64_t broken = 0;  // Rows that cannot be asked.
    job::FailureGroups reasons{};
    std::uint64_t doubled = 0;   // Requests that an earlier row makes as well.
    std::uint64_t distinct = 0;  // Requests that differ.
    std::map<std::string, std::uint64_t>
        slips{};             // Members of bodies: `temprature` and what is meant.
    TokenEstimate to_ask{};  // Of the rows that would be asked.
    bool is_whole = true;    // Every row was looked at.
};

// More rows than this tell nothing new, and would keep a person waiting.
inline constexpr std::uint64_t most_surveyed = 100'000;

// Reads a regular file from its beginning. `rows`: what the journal knows; null, where every row is
// asked. Costs 8 bytes a row.
Expected<Survey, RunError> survey(
    const Job& job, Preflight& preflight, job::KnownRows* rows, const job::Interrupt& interrupt
);

// Lines of the plan, each with its end. `left`: rows that would be asked.
std::string survey_text(const Job& job, const Survey& survey, std::optional<std::uint64_t> left);

// What the input is: `csv, cut at ',' with the columns name, city`.
std::string input_kind_text(const Preflight& preflight);

}  // namespace skein
