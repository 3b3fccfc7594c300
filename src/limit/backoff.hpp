#pragma once
#include "base/random.hpp"

#include <skein/time.hpp>

namespace skein {

// Exponential backoff with full jitter: the pause after the n-th attempt is uniform between zero
// and min(max, base · 2^(n−1)). The jitter is there because requests that failed together must not
// come back together.
struct Backoff {
    Duration base;
    Duration max;

    Duration ceiling_after(int tries) const;
    Duration after(int tries, SplitMix& rng) const;
};

}  // namespace skein
