// Reads the token counts (usage) of an answer.
#pragma once
#include "json/json.hpp"

#include <skein/request.hpp>

#include <optional>

namespace skein {

// The `usage` of an answer, a chunk or a choice, or Groq's `x_groq.usage`; nothing if there is
// none, or if a sum is negative. A part that is negative or absurd counts as not said. Missing
// numbers are derived from the others:
//   - `total_tokens` above prompt plus completion counts as output, because the whole total is
//     billed: reasoning tokens that are counted beside the completion (xAI, Gemini);
//   - without a total, more reasoning than completion tokens means that the reasoning tokens are
//     counted beside the completion;
//   - a total and one part give the other part; a total alone counts as input;
//   - more cached than prompt tokens are beside the prompt, if the total says so (xAI).
std::optional<Usage> usage_in(json::Element holder);

// Counts within their bounds: none negative, and no part larger than its whole. A cost that is
// negative or no number goes.
Usage with_parts_inside(Usage usage);

// Of two reports of one stream: repeated usages grow, and some servers send zeros at the end.
Usage larger_of(const Usage& a, const Usage& b);

}  // namespace skein
