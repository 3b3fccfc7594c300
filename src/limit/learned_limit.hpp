#pragma once
#include "model/rate_news.hpp"

#include <skein/time.hpp>

namespace skein {

// A rate limit as the server describes it, from answer to answer. It stands beside our own and can
// only make one wait longer; before the first news, and when the last is too old, it is not there.
//
// An answer speaks of the moment when its attempt came to the server. What started after it is on
// our books only; so each who starts gets a mark, and brings it back with the news.
//
//     left now = remaining − what started after the mark + what flowed in since
//
// Where it fills evenly, it does so by a sixtieth of the limit each second, for servers count by
// the minute; or slower, if the limit turns out to be that of a longer time. It is never fuller
// than the server says it will be at the reset. Who waits for what flows in waits a little longer,
// for his way there may be shorter than that of the one before. Where it fills at once, there is no
// more than what is left until the reset, and nothing is known after it.
class LearnedLimit {
public:
    struct Mark {
        TimePoint at;
        double taken;  // By all until then.
    };

    TimePoint ready_at(TimePoint now, double cost = 1) const;

    // One starts. Also one that was not waited for, as a probe.
    Mark take(TimePoint now, double cost = 1);

    // News that make no sense, or are not whole, are none; nor are those of an attempt older than
    // the one we have the last news from.
    void learn(TimePoint now, const BucketNews& news, const Mark& mark);

private:
    double left_at(TimePoint now) const;
    Duration margin() const;

    double per_second_ = 0;  // 0: it fills at once.
    double full_ = 0;
    double left_ = 0;  // When measured; below zero: owed.
    TimePoint measured_at_{};
    TimePoint valid_until_ = TimePoint::min();
    double taken_ = 0;  // Ever.
    double told_ = 0;   // Of it, what the news are about.
};

}  // namespace skein
