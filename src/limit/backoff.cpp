#include "limit/backoff.hpp"

#include "base/assert.hpp"

namespace skein {

Duration Backoff::ceiling_after(int tries) const {
    SKEIN_ASSERT(tries >= 1);
    auto ceiling = base;
    for (int i = 1; i < tries && ceiling < max; ++i) ceiling *= 2;
    return ceiling < max ? ceiling : max;
}

Duration Backoff::after(int tries, SplitMix& rng) const {
    const auto ceiling = static_cast<double>(ceiling_after(tries).count());
    return Duration{static_cast<Duration::rep>(ceiling * rng.unit())};
}

}  // namespace skein
