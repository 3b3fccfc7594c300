#include "limit/learned_limit.hpp"

#include <algorithm>
#include <chrono>

namespace skein {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double max = 1e15;  // A larger number of requests or tokens is implausible.
constexpr Duration max_reset = std::chrono::hours{24};
constexpr Duration max_margin = std::chrono::milliseconds{5};
constexpr Duration minute = std::chrono::minutes{1};

bool makes_sense(const BucketNews& news) {
    if (!news.remaining || !news.reset) return false;
    if (!(*news.remaining >= 0 && *news.remaining <= max)) return false;
    if (news.limit && !(*news.limit > 0 && *news.limit <= max)) return false;
    if (news.limit && *news.remaining > *news.limit) return false;
    return *news.reset >= Duration::zero() && *news.reset <= max_reset;
}

// Units per second. Everything that was used is back at the reset, which gives the rate; but never
// more than a limit per minute would refill.
double rate_of(const BucketNews& news) {
    if (!news.limit || news.refill == Refill::at_once) return 0;
    const double by_the_minute = *news.limit / Seconds{minute}.count();
    const double used = *news.limit - *news.remaining;
    if (used <= 0 || *news.reset == Duration::zero()) return by_the_minute;
    return std::min(by_the_minute, used / Seconds{*news.reset}.count());
}

}  // namespace

TimePoint LearnedLimit::ready_at(TimePoint now, double cost) const {
    if (now >= valid_until_) return now;
    const bool fills_evenly = per_second_ > 0;
    const double wanted = fills_evenly ? std::min(cost, full_) : cost;
    if (left_ >= wanted) return now;
    if (!fills_evenly) return left_at(now) >= wanted ? now : valid_until_;
    const Seconds wait{(wanted - left_) / per_second_};
    if (wait >= valid_until_ - measured_at_) return valid_until_;
    const auto from = measured_at_ + std::chrono::ceil<Duration>(wait) + margin();
    return std::clamp(from, now, valid_until_);
}

LearnedLimit::Mark LearnedLimit::take(TimePoint now, double cost) {
    taken_ += cost;
    left_ = left_at(now) - cost;
    measured_at_ = now;
    return {now, taken_};
}

void LearnedLimit::learn(TimePoint now, const BucketNews& news, const Mark& mark) {
    const bool is_older = now < valid_until_ && mark.taken < told_;
    if (is_older || !makes_sense(news)) return;
    per_second_ = rate_of(news);
    full_ = *news.remaining + per_second_ * Seconds{*news.reset}.count();
    // Subtract the later costs here, and let `left_at` add the refill, so that the refill is not
    // cut off at `full_` first.
    left_ = *news.remaining - (taken_ - mark.taken);
    measured_at_ = mark.at;
    told_ = mark.taken;
    // An evenly filling bucket stays valid for a minute after its reset: it is only full then.
    valid_until_ = now + *news.reset + (per_second_ > 0 ? minute : Duration::zero());
}

// The extra wait after the computed moment, because a request may reach the server faster than the
// one before it. In a bucket that holds several units the refill during the margin is kept, so the
// margin costs time only once. In a bucket of one unit it costs time at each request; there the
// margin is a twentieth of the time between two requests. Never more than 5 ms.
Duration LearnedLimit::margin() const {
    const Seconds kept{(full_ - 1) / per_second_};
    const Seconds twentieth{1 / per_second_ / 20};
    const auto margin = std::max(kept, twentieth);
    return margin < max_margin ? std::chrono::round<Duration>(margin) : max_margin;
}

double LearnedLimit::left_at(TimePoint now) const {
    const Seconds elapsed = std::max(now - measured_at_, Duration::zero());
    return std::min(full_, left_ + elapsed.count() * per_second_);
}

}  // namespace skein
