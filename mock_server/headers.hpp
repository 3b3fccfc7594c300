// The headers of a good answer, in each API.
#pragma once
#include "mock_server/api.hpp"
#include "mock_server/rate_limit.hpp"
#include "mock_server/weather.hpp"

#include <chrono>
#include <string>

namespace skein::mock {

HeaderLines answer_headers(Api api, bool stream, const std::string& request_id);

// What is left of the limit. `wall`: the time of `verdict`, for Anthropic, which tells moments.
// Gemini tells nothing.
void add_limits(
    HeaderLines& headers,
    Api api,
    const RateLimit::Verdict& verdict,
    std::chrono::system_clock::time_point wall
);

std::string whole_seconds(Duration duration);
std::string milliseconds(Duration duration);

}  // namespace skein::mock
