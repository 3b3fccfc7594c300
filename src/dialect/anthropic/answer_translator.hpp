// Translates a whole answer of Anthropic's API.
#pragma once
#include "json/json.hpp"

#include <optional>
#include <string>

namespace skein {

// The answer in the common form. Nothing if it is no message with content.
std::optional<std::string> common_answer(json::Element root);

}  // namespace skein
