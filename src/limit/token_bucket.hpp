#pragma once
#include <skein/time.hpp>

#include <algorithm>
#include <optional>

namespace skein {

// A token bucket: a rate limit with a burst. Units flow in steadily, up to `burst` of them.
//
// An attempt that costs more than the bucket can hold waits until the bucket is full, and leaves a
// debt that later attempts wait for. So a large attempt is delayed, but never blocked for ever. In
// any span of time the units taken are at most the burst (or the largest single cost) plus the
// units that flowed in.
//
//     60 units a minute, a burst of 1: one at once, then one each second.
class TokenBucket {
public:
    // No limit: always ready.
    TokenBucket() = default;

    // The bucket begins full. Rate and burst must be above zero. No attempt is charged more than
    // `max` units.
    TokenBucket(double per_second, double burst, double max = 1e18);

    // A bucket for a published limit per minute. The burst is one second's worth of units, because
    // providers divide their minute so, and at least one unit. No attempt is charged more than a
    // minute's worth: the provider refuses a larger one, and its debt must not block other attempts
    // for hours. The bucket begins full, or empty at the moment `empty_at`.
    static TokenBucket per_minute(double units, std::optional<TimePoint> empty_at = std::nullopt);

    TimePoint ready_at(TimePoint now, double cost = 1) const;

    // The units that `take` removes for this cost.
    double charge_for(double cost) const { return std::min(cost, max_); }

    // Precondition: `ready_at(now, cost) <= now`.
    void take(TimePoint now, double cost = 1);

    // Adjusts an estimate to the real cost: `more` is the difference, negative if it was less.
    void correct(TimePoint now, double more);

private:
    double level_at(TimePoint now) const;

    double per_second_ = 0;  // 0: no limit.
    double burst_ = 0;
    double max_ = 0;
    double level_ = 0;
    TimePoint measured_at_{};
};

}  // namespace skein
