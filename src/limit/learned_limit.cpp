#include "limit/learned_limit.hpp"

#include <algorithm>
#include <chrono>

namespace skein {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double most = 1e15;  // Beyond it a number of requests or tokens is noise.
constexpr Duration longest_reset = std::chrono::hours{24};
constexpr Duration longest_margin = std::chrono::milliseconds{5};
constexpr Duration minute = std::chrono::minutes{1};

bool makes_sense(const BucketNews& news) {
    if (!news.remaining || !news.reset) return false;
    if (!(*news.remaining >= 0 && *news.remaining <= most)) return false;
    if (news.limit && !(*news.limit > 0 && *news.limit <= most)) return false;
    if (news.limit && *news.remaining > *news.limit) return false;
    return *news.reset >= Duration::zero() && *news.reset <= longest_reset;
}

// Of what was used, everything is back at the reset: so that is how fast it comes.
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
    // What it owes is subtracted first, so that what flowed in meanwhile is not cut off as too
    // much.
    left_ = *news.remaining - (taken_ - mark.taken);
    measured_at_ = mark.at;
    told_ = mark.taken;
    // A limit by the minute outlives its reset, for all that happens then is that it is full.
    valid_until_ = now + *news.reset + (per_second_ > 0 ? minute : Duration::zero());
}

// Not every request takes as long to get there as the one before, so none is sent for the very
// moment. What flows in meanwhile is kept for the next, and nothing is lost but once; where the
// bucket holds no more than one, it is lost each time, so it is a twentieth of the time between
// two.
Duration LearnedLimit::margin() const {
    const Seconds kept{(full_ - 1) / per_second_};
    const Seconds twentieth{1 / per_second_ / 20};
    const auto margin = std::max(kept, twentieth);
    return margin < longest_margin ? std::chrono::round<Duration>(margin) : longest_margin;
}

double LearnedLimit::left_at(TimePoint now) const {
    const Seconds elapsed = std::max(now - measured_at_, Duration::zero());
    return std::min(full_, left_ + elapsed.count() * per_second_);
}

}  // namespace skein
