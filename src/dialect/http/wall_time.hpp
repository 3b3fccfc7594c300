// Moments as servers write them. The wall's clock is not ours: it is only ever subtracted from
// another moment of the same clock.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace skein {

using WallTime = std::chrono::system_clock::time_point;

// `Fri, 29 Sep 2023 16:26:57 GMT`, the one form that HTTP allows to be written.
std::optional<WallTime> parse_http_date(std::string_view text);

// `2026-09-27T07:08:00.5-05:00`.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace skein
