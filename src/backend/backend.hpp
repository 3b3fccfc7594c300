#pragma once
#include "model/attempt.hpp"
#include "model/availability.hpp"

#include <functional>
#include <vector>

namespace skein {

// Interface to the code that makes attempts. Virtual, because tests use a scripted backend. All
// functions are called on the control thread, and none of them blocks except `close`.
class Backend {
public:
    // Callback for attempt events, on any thread, but never from inside `start` or `stop`. Every
    // started attempt gets exactly one AttemptDone, even after `stop`. With hedging an AttemptBegan
    // may come before it. After `close` the callback is never called again.
    using Tell = std::function<void(std::vector<AttemptEvent>)>;

    virtual ~Backend() = default;

    // Starts an attempt. The backend may delay it until `go`.
    virtual void start(Attempt attempt) = 0;

    // Ends an attempt as soon as possible. If its answer was there first, the answer is its result.
    virtual void stop(AttemptId id) = 0;

    // A worker is at this address from now on. Attempts at its old address go on.
    virtual void move(EndpointIndex, const WorkerAddress&) {}

    // End of a batch: hand over all starts and stops since the last `go`.
    virtual void go() {}

    // Only retries will be started from now on, so idle connections may be closed.
    virtual void expect_no_more() {}

    // Drops all attempts, in bounded time.
    virtual void close() = 0;
};

}  // namespace skein
