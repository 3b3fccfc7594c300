// What the head of an answer says of the rate limits of its server.
#pragma once
#include "dialect/http/wall_time.hpp"
#include "model/headers.hpp"
#include "model/rate_news.hpp"

#include <string_view>

namespace skein {

// Read from the headers of OpenAI, Anthropic, Azure, Groq, Mistral and their like. Where a server
// has several buckets for the same thing, the news are of the one with the least left.
//
// A reset is a duration (`6m0s`), a number of seconds, or a moment (`2026-09-27T07:08:00-05:00`);
// a number is a moment, too, in the few headers known for it. Moments are taken relative to the
// answer's own `Date`, if it has one; else to `wall`. One that is past is now, and one further
// than a day is a day. Servers that write a duration or a moment fill evenly, those that write
// seconds all at once, as far as we have seen.
//
// A bucket of which one value makes no sense says nothing at all.
RateNews rate_news(const Headers& headers, WallTime wall);

// Could a header of this name be one of those? Most answers have none.
bool is_rate_header(std::string_view name);

}  // namespace skein
