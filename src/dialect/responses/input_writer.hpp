// The messages of a chat: `instructions` and `input`.
#pragma once
#include "dialect/request/question.hpp"

#include <string>
#include <vector>

namespace skein::response {

// Writes both members to `body`. The leading messages of the system become the instructions; if
// there are no others, they stay items, because the API wants an input.
void add_input(std::string& body, const std::vector<Turn>& turns);

}  // namespace skein::response
