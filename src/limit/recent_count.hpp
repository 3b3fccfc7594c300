#pragma once
#include <skein/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace skein {

// How many of something there were in the last ten seconds.
//
// Counted by the second, in the same few bytes however many come: the second that is passing and
// the nine before it, so that what happened leaves the count at the turn of a second, after at
// most ten of them.
class RecentCount {
public:
    void add(TimePoint now);
    std::uint64_t at(TimePoint now) const;

    // When the next of those counted may leave the count.
    static TimePoint next_change(TimePoint now);

private:
    static constexpr std::int64_t seconds = 10;

    static std::int64_t second_of(TimePoint time);
    static std::size_t place_of(std::int64_t second);

    std::array<std::uint32_t, seconds> counts_{};
    std::int64_t newest_ = std::numeric_limits<std::int64_t>::min() / 2;
};

}  // namespace skein
