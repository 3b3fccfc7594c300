#pragma once
#include <skein/time.hpp>

#include <cstddef>

namespace skein {

// How long an endpoint lately took to begin its answers, and so how much it weighs to send one
// more there.
//
// A mean in which the past fades over ten seconds, but a slower answer counts at once and in full:
// trouble shows with its first sign, and is forgotten slowly. While nobody waits for the endpoint
// what is known of it fades away, so that one that was slow gets another chance, with one request:
// while that one waits, the old mean holds.
//
// To be told of answers, and of a timeout as the time waited for nothing. Not of other faults: who
// refuses in a millisecond is not fast.
class PeakEwma {
public:
    void began(TimePoint now, Duration first_byte);

    // To compare with that of others: the smaller, the better to go to. `waiting`: attempts that
    // are there now. An endpoint of twice the weight bears twice as many.
    //
    // Of an endpoint that never answered nothing is known: the first goes there at once, and more
    // only when nobody known can take them.
    double load(TimePoint now, std::size_t waiting, double weight = 1) const;

private:
    double kept_after(Duration age) const;

    bool is_known_ = false;
    double seconds_ = 0;
    TimePoint told_at_{};
};

}  // namespace skein
