// Parser for rate-limit headers.
#pragma once
#include "dialect/http/wall_time.hpp"
#include "model/headers.hpp"
#include "model/rate_news.hpp"

#include <string_view>

namespace skein {

// The request and token buckets in the headers of OpenAI, Anthropic, Azure, Groq, Mistral and
// similar servers. If a server has several buckets for requests (or tokens), the tightest one is
// returned.
//
// A reset is a duration (`6m0s`), a number of seconds, or a time (`2026-09-27T07:08:00-05:00`). In
// a few known headers a large number is a Unix time. Times are relative to the answer's own `Date`
// header, or else to `wall`. A past time counts as now, and more than a day as a day. As far as
// observed, servers that write a duration or a time refill the bucket evenly, and servers that
// write seconds refill it all at once.
//
// A bucket with an invalid value is ignored completely.
RateNews rate_news(const Headers& headers, WallTime wall);

// Can a header of this name be a rate header? A cheap test, because most answers have none.
bool is_rate_header(std::string_view name);

}  // namespace skein
