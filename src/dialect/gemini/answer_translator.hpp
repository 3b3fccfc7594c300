// A whole answer to a chat, in the common form.
#pragma once
#include "json/json.hpp"

#include <optional>
#include <string>

namespace skein::google {

// Nothing: no answer of Gemini, such as an error.
std::optional<std::string> common_answer(json::Element root);

// Begins an answer or a chunk: a brace and what it is, whose it is, and which model made it.
std::string begin_answer(json::Element root, std::string_view object);

}  // namespace skein::google
