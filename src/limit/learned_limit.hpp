#pragma once
#include "model/rate_news.hpp"

#include <skein/time.hpp>

namespace skein {

// A rate limit learned from the server's rate-limit headers: a token bucket that each answer
// corrects. It is used beside the limit from the settings, and can only lengthen a wait.
// Before the first news, and when the last news has expired, it does not limit.
//
// An answer describes the moment when its attempt reached the server. Attempts that started later
// are not in its numbers. So each attempt gets a mark at its start, and brings it back with the
// news.
//
//     left now = remaining − cost of attempts started after the mark + refill since the mark
//
// A bucket that refills evenly gets a sixtieth of its limit each second, because servers count by
// the minute; or less, if the news show a longer period. It is never fuller than the server says it
// will be at the reset. An attempt that waits for the refill waits a small margin longer, because
// it may travel to the server faster than the attempt before it. A bucket that refills at once (a
// fixed window) has only `remaining` until the reset, and is unknown after it.
//
// No clock and no lock: one thread at a time.
class LearnedLimit {
public:
    struct Mark {
        TimePoint at;
        double taken;  // Sum of all costs up to this start.
    };

    TimePoint ready_at(TimePoint now, double cost = 1) const;

    // An attempt starts. Call it also for an attempt that ignores this limit, such as a probe.
    Mark take(TimePoint now, double cost = 1);

    // Ignores news that are incomplete or implausible, and news of an attempt that started before
    // the attempt of the present news.
    void learn(TimePoint now, const BucketNews& news, const Mark& mark);

private:
    double left_at(TimePoint now) const;
    Duration margin() const;

    double per_second_ = 0;  // 0: it refills at once, at the reset.
    double full_ = 0;
    double left_ = 0;  // At measured_at_; negative: a debt.
    TimePoint measured_at_{};
    TimePoint valid_until_ = TimePoint::min();
    double taken_ = 0;  // Sum of all costs so far.
    double told_ = 0;   // `taken` of the mark that came with the present news.
};

}  // namespace skein
