#include "measure/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace skein {

void Histogram::add(Duration duration) {
    const auto ns = std::max<Duration::rep>(duration.count(), 0);
    ++counts_[bucket_of(static_cast<std::uint64_t>(ns))];
    ++count_;
}

Duration Histogram::quantile(double q) const {
    if (count_ == 0) return Duration::zero();
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        seen += counts_[i];
        // At least rank 1, because rank 0 would be found in the first bucket, even if it is empty.
        if (seen >= std::max<std::uint64_t>(rank, 1)) {
            return Duration{static_cast<Duration::rep>(middle_of(i))};
        }
    }
    return Duration::zero();
}

// Below `steps` a bucket is one nanosecond wide. Above it the position of the leading bit selects
// the row, and the five bits after the leading bit select the bucket within the row.
std::size_t Histogram::bucket_of(std::uint64_t ns) {
    if (ns < steps) return static_cast<std::size_t>(ns);
    const auto power = static_cast<std::size_t>(std::bit_width(ns)) - 1;
    const auto step = static_cast<std::size_t>(ns >> (power - 5)) & (steps - 1);
    return (power - 4) * steps + step;
}

std::uint64_t Histogram::middle_of(std::size_t bucket) {
    if (bucket < steps) return bucket;
    const auto power = bucket / steps + 4;
    const auto width = std::uint64_t{1} << (power - 5);
    return (std::uint64_t{1} << power) + width * (bucket % steps) + width / 2;
}

}  // namespace skein
