#include "limit/token_bucket.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <chrono>

namespace skein {
namespace {

constexpr double max_wait = 1e9;  // Seconds, some 30 years: keeps the sum within the clock's range.

}  // namespace

TokenBucket::TokenBucket(double per_second, double burst, double max)
    : per_second_{per_second}, burst_{burst}, max_{std::max(max, burst)}, level_{burst} {
    SKEIN_ASSERT(per_second > 0);
    SKEIN_ASSERT(burst > 0);
}

TokenBucket TokenBucket::per_minute(double units, std::optional<TimePoint> empty_at) {
    if (units <= 0) return {};
    TokenBucket bucket{units / 60, std::max(1.0, units / 60), units};
    if (empty_at) {
        bucket.level_ = 0;
        bucket.measured_at_ = *empty_at;
    }
    return bucket;
}

// Counts from the last change and not from `now`, so that repeated calls give the same moment.
TimePoint TokenBucket::ready_at(TimePoint now, double cost) const {
    if (per_second_ == 0) return now;
    const double missing = std::min(cost, burst_) - level_;
    if (missing <= 0) return now;
    const std::chrono::duration<double> wait{std::min(missing / per_second_, max_wait)};
    return std::max(now, measured_at_ + std::chrono::ceil<Duration>(wait));
}

void TokenBucket::take(TimePoint now, double cost) {
    SKEIN_ASSERT(ready_at(now, cost) <= now);
    correct(now, charge_for(cost));
}

void TokenBucket::correct(TimePoint now, double more) {
    if (per_second_ == 0) return;
    level_ = std::min(burst_, level_at(now) - more);
    measured_at_ = now;
}

double TokenBucket::level_at(TimePoint now) const {
    const std::chrono::duration<double> elapsed = now - measured_at_;
    return std::min(burst_, level_ + std::max(0.0, elapsed.count()) * per_second_);
}

}  // namespace skein
