// Writes the messages of a chat as Anthropic's API takes them.
#pragma once
#include "dialect/request/question.hpp"

#include <string>

namespace skein {

// Appends the members `system`, of the leading system messages, and `messages`, of all others.
// Messages of the same speaker in a row become one message; results of tools are said by the user.
// `out` is an object that has at least one member.
void append_turns(std::string& out, const Question& question);

}  // namespace skein
