#pragma once
#include <skein/time.hpp>

#include <algorithm>

namespace skein {

// The pause that an endpoint asked for by Retry-After: no attempt starts before its end.
class Pause {
public:
    TimePoint ready_at(TimePoint now) const { return std::max(now, until_); }

    // A shorter pause does not shorten a longer one.
    void extend_to(TimePoint until) { until_ = std::max(until_, until); }

private:
    TimePoint until_ = TimePoint::min();
};

}  // namespace skein
