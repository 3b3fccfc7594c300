// Tool calls of a streamed message: which call each piece belongs to.
#pragma once
#include "dialect/answer/merged.hpp"

#include <string>

namespace skein {

// Merges the `tool_calls` of one delta. A piece starts a new call if its `id` differs, or if it
// names a function and the arguments of the call before are a complete object. Otherwise the piece
// continues the call of its `index`, or the last call if it has no index.
Grown merge_tool_calls(Merged& calls, simdjson::dom::array given);

// Merges the function of a call, or the `function_call` of older APIs. Arguments given as an object
// become its JSON text.
Grown merge_function(Merged& function, json::Element given);

// Writes the calls like a plain answer: in the order of their index, and without the index.
void write_tool_calls(std::string& out, const Merged& calls);

}  // namespace skein
