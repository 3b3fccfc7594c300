#pragma once
#include <skein/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace skein {

// Counts durations in buckets that grow by a thirty-second of a power of two, so that a quantile
// is within 2 % from a nanosecond to a century, in 16 kB and without allocating.
class Histogram {
public:
    void add(Duration duration);

    // The duration that a share `q` (0 to 1) of all stays below; zero if there are none.
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
