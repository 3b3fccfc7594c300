// Tool calls of a streamed message: which call each piece belongs to.
#pragma once
#include "dialect/openai/merged.hpp"

#include <string>

namespace skein {

// Merges the `tool_calls` of one delta. A piece begins another call where its `id` is another, or
// where it names a function and the arguments of the call before are a whole object. Else it goes
// on with the call of its `index`, or, without one, with the last call.
Grown merge_tool_calls(Merged& calls, simdjson::dom::array given);

// The same for a function of a call, and for the `function_call` of older APIs: arguments that come
// as an object become its text.
Grown merge_function(Merged& function, json::Element given);

// As a plain answer has them: in the order of their index, and without it.
void write_tool_calls(std::string& out, const Merged& calls);

}  // namespace skein
