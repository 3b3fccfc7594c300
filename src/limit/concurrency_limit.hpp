// Limits. Each answers one question, "when may one more start?", and is told what time it is.
// None waits, locks, or reads a clock; none knows of another.
#pragma once
#include "base/assert.hpp"

#include <skein/time.hpp>

#include <cstddef>

namespace skein {

// A fixed number of places.
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
