// A fixed concurrency limit (a counting semaphore that never blocks), and the contract of all
// limits in this room. Each limit answers one question, "when may one more attempt start?", and
// gets the time as an argument. No limit waits, locks, reads a clock, or knows another limit.
#pragma once
#include "base/assert.hpp"

#include <skein/time.hpp>

#include <cstddef>

namespace skein {

// A fixed number of places, each for one attempt in flight.
class ConcurrencyLimit {
public:
    explicit ConcurrencyLimit(std::size_t places) : places_{places} { SKEIN_ASSERT(places > 0); }

    TimePoint ready_at(TimePoint now) const { return taken_ < places_ ? now : never; }

    void enter() {
        SKEIN_ASSERT(taken_ < places_);
        ++taken_;
    }

    void leave() {
        SKEIN_ASSERT(taken_ > 0);
        --taken_;
    }

    std::size_t taken() const { return taken_; }
    std::size_t places() const { return places_; }

private:
    std::size_t places_;
    std::size_t taken_ = 0;
};

}  // namespace skein
