#pragma once
#include <skein/time.hpp>

#include <algorithm>
#include <optional>

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

    // Begins full. Both must be above zero. Nobody is charged more than `most`.
    TokenBucket(double per_second, double burst, double most = 1e18);

    // Of a published limit per minute: a burst of one second's worth, for that is how providers
    // cut a minute, and never less than one unit. Nobody is charged more than a minute's worth:
    // what claims to cost more is refused by whoever published the limit, and must not keep others
    // away for hours. Begins full, or with nothing at `empty_at`.
    static TokenBucket per_minute(double units, std::optional<TimePoint> empty_at = std::nullopt);

    TimePoint ready_at(TimePoint now, double cost = 1) const;

    // What is taken for it.
    double charge_for(double cost) const { return std::min(cost, most_); }

    // To be called when `ready_at(now, cost) <= now`.
    void take(TimePoint now, double cost = 1);

    // What was taken turned out to be more (above zero) or less than it should have been.
    void correct(TimePoint now, double more);

private:
    double level_at(TimePoint now) const;

    double per_second_ = 0;  // 0: no limit.
    double burst_ = 0;
    double most_ = 0;
    double level_ = 0;
    TimePoint measured_at_{};
};

}  // namespace skein
