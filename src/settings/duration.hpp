// Durations as a job file writes them: with a unit, always.
#pragma once
#include <skein/time.hpp>

#include <optional>
#include <string_view>

namespace skein::config {

// A year. Longer is a slip of the finger.
inline constexpr Duration longest_duration = std::chrono::hours{8760};

// `250us`, `500ms`, `1.5s`, `10m`, `2h`: one number, one unit, no space, no more than six digits
// after the point. Nothing if it is not a duration, or longer than the longest.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace skein::config
