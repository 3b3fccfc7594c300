#pragma once
#include <skein/time.hpp>

namespace skein {

// A rate with a burst: units flow in steadily, up to `burst` of them.
//
// What costs more than the bucket can ever hold waits until it is full, and leaves a debt behind
// that later ones wait off: it goes alone, but it goes. So in any stretch of time the units taken
// are at most the burst (or the largest single cost) plus what flowed in.
//
//     60 units a minute, a burst of 1: one at once, then one each second.
class TokenBucket {
public:
    // No limit: always ready.
    TokenBucket() = default;

    // Begins full. Both must be above zero.
    TokenBucket(double per_second, double burst);

    // Of a published limit per minute: a burst of one second's worth, for that is how providers
    // cut a minute, and never less than one unit.
    static TokenBucket per_minute(double units);

    TimePoint ready_at(TimePoint now, double cost = 1) const;

    // To be called when `ready_at(now, cost) <= now`.
    void take(TimePoint now, double cost = 1);

    // What was taken turned out to be more (above zero) or less than it should have been.
    void correct(TimePoint now, double more);

private:
    double level_at(TimePoint now) const;

    double per_second_ = 0;  // 0: no limit.
    double burst_ = 0;
    double level_ = 0;
    TimePoint measured_at_{};
};

}  // namespace skein
