#pragma once
#include <skein/time.hpp>

#include <algorithm>

namespace skein {

// What an endpoint asked for with Retry-After: nothing before that moment.
class Pause {
public:
    TimePoint ready_at(TimePoint now) const { return std::max(now, until_); }

    // A shorter one does not take back a longer one.
    void extend_to(TimePoint until) { until_ = std::max(until_, until); }

private:
    TimePoint until_ = TimePoint::min();
};

}  // namespace skein
