// The count of tokens that an answer came with.
#pragma once
#include "json/json.hpp"

#include <skein/request.hpp>

#include <optional>

namespace skein {

// The count in the `usage` of an answer, of a chunk or of a choice, or in Groq's `x_groq.usage`;
// nothing unless there is one. What one number leaves open, the others tell:
//   - `total_tokens` beyond prompt and completion was generated: reasoning that is counted beside
//     the completion (xAI, Gemini), because the whole total is billed;
//   - without a total, more reasoning than completion tokens is beside them;
//   - a total and one part give the other part; a total alone counts as input.
std::optional<Usage> usage_in(json::Element holder);

}  // namespace skein
