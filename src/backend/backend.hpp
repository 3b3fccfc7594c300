#pragma once
#include "model/attempt.hpp"
#include "model/availability.hpp"

#include <functional>
#include <vector>

namespace skein {

// Makes attempts. Virtual, because tests put a scripted one here.
class Backend {
public:
    // Told exactly once of the end of every attempt started, also one that was told to stop, and,
    // where hedging is on, of the beginning of its answer before; not from inside `start` or
    // `stop`, and on any thread. After `close` it is never told again.
    using Tell = std::function<void(std::vector<AttemptEvent>)>;

    virtual ~Backend() = default;

    // Called on the control thread, as the others are. Does not wait; it may wait for `go`.
    virtual void start(Attempt attempt) = 0;

    // Ends it as soon as may be. If its answer was there first, that is what it came to.
    virtual void stop(AttemptId id) = 0;

    // An endpoint that comes and goes is there from now on. What is under way elsewhere goes on.
    virtual void move(EndpointIndex, const WorkerAddress&) {}

    // There is nothing more to start or stop for now: hand it all over, at once.
    virtual void go() {}

    // Nothing will be started any more but tries again: what is kept for others may be given up.
    virtual void expect_no_more() {}

    // Drops everything, in bounded time.
    virtual void close() = 0;
};

}  // namespace skein
