#pragma once
#include <skein/time.hpp>

namespace skein {

// Saturating addition: `now + span`, or `never` if the sum is beyond the clock's range.
constexpr TimePoint saturating_add(TimePoint now, Duration span) {
    return span < never - now ? now + span : never;
}

}  // namespace skein
