// Parsers for dates in HTTP headers. A wall-clock time is only ever subtracted from another time of
// the same clock, because the server's clock may differ from ours.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace skein {

using WallTime = std::chrono::system_clock::time_point;

// `Fri, 29 Sep 2023 16:26:57 GMT` (IMF-fixdate), the only form that HTTP allows a sender.
std::optional<WallTime> parse_http_date(std::string_view text);

// `2026-09-27T07:08:00.5-05:00`.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace skein
