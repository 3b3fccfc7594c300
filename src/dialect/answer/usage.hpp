// Reads the token counts (usage) of an answer.
#pragma once
#include "json/json.hpp"

#include <skein/request.hpp>

#include <optional>

namespace skein {

// The `usage` of an answer, a chunk or a choice, or Groq's `x_groq.usage`; nothing if there is
// none. Missing numbers are derived from the others:
//   - `total_tokens` above prompt plus completion counts as output, because the whole total is
//     billed: reasoning tokens that are counted beside the completion (xAI, Gemini);
//   - without a total, more reasoning than completion tokens means that the reasoning tokens are
//     counted beside the completion;
//   - a total and one part give the other part; a total alone counts as input.
std::optional<Usage> usage_in(json::Element holder);

}  // namespace skein
