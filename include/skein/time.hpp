/// The clock of skein: monotonic, in nanoseconds.
#pragma once
#include <chrono>

namespace skein {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::nanoseconds;

/// A time point that does not come: the caller waits for an event, not for a timer.
inline constexpr TimePoint never = TimePoint::max();

}  // namespace skein
