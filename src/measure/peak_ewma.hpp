#pragma once
#include <skein/time.hpp>

#include <cstddef>

namespace skein {

// Peak EWMA (as in Finagle and Linkerd): the recent time to first byte of an endpoint, and the load
// value derived from it for load balancing.
//
// An exponentially weighted moving average with a time constant of ten seconds; but a slower answer
// replaces the mean at once, so that trouble shows with its first sign and is forgotten slowly.
// While no attempt waits at the endpoint its mean decays, so that a slow endpoint gets another
// chance, with one request: while that request waits, the old mean holds.
//
// Report answers, and timeouts with the time that was waited. Do not report other faults: an
// endpoint that refuses within a millisecond is not fast. Not thread-safe.
class PeakEwma {
public:
    void began(TimePoint now, Duration first_byte);

    // The load of the endpoint, to compare with that of others: the smallest load is the best
    // choice. `waiting`: attempts in flight there now. An endpoint of twice the weight gets twice
    // as many.
    //
    // An endpoint that never answered has no mean: it gets one attempt at once, and more only if no
    // endpoint with a known mean can take them.
    double load(TimePoint now, std::size_t waiting, double weight = 1) const;

private:
    double kept_after(Duration age) const;

    bool is_known_ = false;
    double seconds_ = 0;
    TimePoint told_at_{};
};

}  // namespace skein
