// The messages of a chat: `contents` and `systemInstruction`.
#pragma once
#include "dialect/gemini/refusal.hpp"
#include "dialect/request/question.hpp"

#include <string>
#include <vector>

namespace skein::google {

// Writes both members to `body`. Gemini knows two speakers, so messages of one speaker in a row
// become one content.
Refusal write_turns(const std::vector<Turn>& turns, std::string& body);

}  // namespace skein::google
