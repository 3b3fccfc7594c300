// Parses durations of a job file: a number with a mandatory unit.
#pragma once
#include <skein/time.hpp>

#include <optional>
#include <string_view>

namespace skein::config {

// One year. A longer duration is taken for a typing error.
inline constexpr Duration max_duration = std::chrono::hours{8760};

// `250us`, `500ms`, `1.5s`, `10m`, `2h`: one number, one unit, no space, at most six digits after
// the point. Empty if the text is no duration, or longer than `max_duration`.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace skein::config
