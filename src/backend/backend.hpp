#pragma once
#include "model/attempt.hpp"

#include <functional>

namespace skein {

// Makes attempts. One of the two virtual classes of the program: tests put a scripted one here.
class Backend {
public:
    // Told exactly once for every attempt started, also one that was told to stop; not from inside
    // `start` or `stop`, and on any thread. After `close` it is never told again.
    using Done = std::function<void(AttemptId, AttemptResult)>;

    virtual ~Backend() = default;

    // Called on the control thread, as the others are. Does not wait.
    virtual void start(Attempt attempt) = 0;

    // Ends it as soon as may be. If its answer was there first, that is what it came to.
    virtual void stop(AttemptId id) = 0;

    // Drops everything, in bounded time.
    virtual void close() = 0;
};

}  // namespace skein
