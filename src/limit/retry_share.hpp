#pragma once
#include "limit/recent_count.hpp"

#include <skein/time.hpp>

namespace skein {

// Retries are at most a fifth of the requests asked in the last ten seconds, and a hundred more;
// so a run in trouble sends a fifth more than one without, and not four times as much. The hundred
// are for the end of a run, when there are retries and nothing else.
class RetryShare {
public:
    // When one more retry may start, if nobody asks anything until then. If somebody does, it may
    // be sooner.
    TimePoint ready_at(TimePoint now) const;

    // The first try of a request starts.
    void asked(TimePoint now) { asked_.add(now); }

    // A later one does. Not refused if it is too early, for some have to be made.
    void retried(TimePoint now) { retried_.add(now); }

private:
    bool allows(TimePoint now) const;

    RecentCount asked_;
    RecentCount retried_;
};

}  // namespace skein
