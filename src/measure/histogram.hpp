#pragma once
#include <skein/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace skein {

// A histogram of durations for percentiles, with logarithmic buckets as in HdrHistogram: 32 buckets
// per power of two. A quantile is within 2 % of the exact value, from a nanosecond to a century, in
// 16 kB and without allocation. Not thread-safe.
class Histogram {
public:
    void add(Duration duration);

    // The q-quantile, `q` from 0 to 1: 0.99 is the 99th percentile. Zero for an empty histogram.
    Duration quantile(double q) const;

    std::uint64_t count() const { return count_; }

private:
    static constexpr std::size_t steps = 32;  // In each power of two.
    static constexpr std::size_t buckets = steps * 64;

    static std::size_t bucket_of(std::uint64_t ns);
    static std::uint64_t middle_of(std::size_t bucket);

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
};

}  // namespace skein
