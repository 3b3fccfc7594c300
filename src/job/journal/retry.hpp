// `--retry`: which rows that have a reply are asked again.
#pragma once
#include <skein/error.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

// One condition: a member of the output line, and the values that fit.
struct RetryCondition {
    std::string member{};
    std::vector<std::string> values{};
};

// Conditions as the command line has them: `finish_reason=length`, `code=server_error,throttled`.
// Several may stand in one text: `code=timeout_idle,finish_reason=length,content_filter`. The error
// names what is allowed.
Expected<std::vector<RetryCondition>, RunError> retry_conditions(std::span<const std::string> texts
);

// Does the output line `out` fit one of the conditions? `ok`: it holds an answer, and no error. A
// line that cannot be read fits none.
bool fits(std::span<const RetryCondition> conditions, bool ok, std::string_view out);

}  // namespace skein::job
