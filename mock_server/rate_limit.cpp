#include "mock_server/rate_limit.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace skein::mock {

RateLimit::RateLimit(double rpm, double burst, TimePoint now)
    : rpm_{rpm},
      burst_{std::max(1.0, burst > 0 ? burst : rpm / 60)},
      level_{burst_},
      updated_{now} {}

RateLimit::Verdict RateLimit::take(TimePoint now) {
    SKEIN_ASSERT(is_on());
    const auto minutes = std::chrono::duration<double, std::ratio<60>>{now - updated_}.count();
    level_ = std::min(burst_, level_ + std::max(0.0, minutes) * rpm_);
    updated_ = std::max(updated_, now);
    Verdict verdict{.granted = level_ >= 1, .limit = static_cast<std::uint64_t>(rpm_)};
    if (verdict.granted) level_ -= 1;
    verdict.remaining = static_cast<std::uint64_t>(level_);
    verdict.next = until(1);
    verdict.full = until(burst_);
    return verdict;
}

// Rounded up, so that a request at that moment finds the token.
Duration RateLimit::until(double level) const {
    if (level_ >= level) return Duration{};
    return Duration{static_cast<std::int64_t>(std::ceil((level - level_) / rpm_ * 60e9)) + 1};
}

}  // namespace skein::mock
