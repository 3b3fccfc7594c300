// What the Responses API cannot be asked for.
#pragma once
#include "dialect/request/question.hpp"

#include <optional>
#include <string>

namespace skein::response {

// The reason why the API cannot be asked this; empty if it can. A member with a value that changes
// nothing, such as `n: 1`, is no reason.
std::optional<std::string> refusal_of(const Question& question);

}  // namespace skein::response
