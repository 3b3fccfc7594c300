#pragma once
#include "base/random.hpp"

#include <skein/time.hpp>

namespace skein {

// The growing pause between attempts, with full jitter: anywhere from nothing to
// min(most, base · 2^(n−1)) after the n-th try, so that those who failed together do not come
// back together.
struct Backoff {
    Duration base;
    Duration most;

    Duration ceiling_after(int tries) const;
    Duration after(int tries, SplitMix& rng) const;
};

}  // namespace skein
