#pragma once
#include <skein/time.hpp>

namespace skein {

// `now + span`, and `never` where that is beyond the clock.
constexpr TimePoint later(TimePoint now, Duration span) {
    return span < never - now ? now + span : never;
}

}  // namespace skein
