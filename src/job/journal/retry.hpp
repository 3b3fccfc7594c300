// `--retry`: the conditions by which rows with a reply are asked again.
#pragma once
#include <skein/error.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

// One condition: a member of the output line and the values that match.
struct RetryCondition {
    std::string member{};
    std::vector<std::string> values{};
};

// Parses conditions of the command line: `finish_reason=length`, `code=server_error,throttled`. One
// text may hold several: `code=timeout_idle,finish_reason=length,content_filter`. The error lists
// the allowed members or values.
Expected<std::vector<RetryCondition>, RunError> retry_conditions(std::span<const std::string> texts
);

// True if the output line `out` matches one of the conditions. `ok`: the line holds an answer and
// no error. A line that cannot be parsed matches none.
bool fits(std::span<const RetryCondition> conditions, bool ok, std::string_view out);

}  // namespace skein::job
