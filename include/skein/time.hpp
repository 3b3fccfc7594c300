/// Time, as everything in skein speaks of it: a monotonic clock, in nanoseconds.
#pragma once
#include <chrono>

namespace skein {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::nanoseconds;

/// Not until something happens.
inline constexpr TimePoint never = TimePoint::max();

}  // namespace skein
