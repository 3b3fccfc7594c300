// Why an answer ended: `finishReason`, and `blockReason` of a prompt.
#pragma once
#include "json/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::google {

// The `finish_reason` of the common form; a word that has none there stays as it is. Empty: the
// candidate goes on. Gemini ends calls of functions with `STOP`, as it ends a text.
std::string_view common_reason(std::string_view native, bool has_calls);

// The error of a prompt that was blocked, in the common form: Gemini tells it with status 200 and
// no candidate. Nothing: the prompt was not blocked.
std::optional<std::string> error_of_blocked_prompt(json::Element root);

}  // namespace skein::google
