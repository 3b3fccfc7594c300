#include "local/lifecycle/restarts.hpp"

#include <algorithm>
#include <utility>

namespace skein::local {

void Restarts::started(TimePoint now) {
    ++starts_;
    lately_.push_back(now);
}

// A planned replacement never calls `ended`, so `ready` may come twice: the first moment counts.
void Restarts::ready(TimePoint now) {
    if (ready_since_ == never) ready_since_ = now;
}

std::optional<TimePoint> Restarts::ended(TimePoint now) {
    const auto ready_since = std::exchange(ready_since_, never);
    never_ready_in_a_row_ = ready_since == never ? never_ready_in_a_row_ + 1 : 0;
    if (never_ready_in_a_row_ >= settings_.starts) return std::nullopt;
    if (ready_since != never && now - ready_since >= settings_.healthy) {
        ended_in_a_row_ = 0;
        lately_.clear();
    }
    while (!lately_.empty() && now - lately_.front() >= settings_.within) lately_.pop_front();
    if (lately_.size() >= settings_.starts) return std::nullopt;
    // Exponential backoff, with a jitter of 20 % so that workers do not start in step.
    auto pause = settings_.first;
    for (int i = 0; i < ended_in_a_row_ && pause < settings_.max; ++i) pause *= 2;
    ++ended_in_a_row_;
    SplitMix rng{mix(seed_, starts_)};
    const auto length = static_cast<double>(std::min(pause, settings_.max).count());
    return now + Duration{static_cast<Duration::rep>(length * (0.8 + 0.4 * rng.unit()))};
}

}  // namespace skein::local
