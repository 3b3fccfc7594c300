#pragma once
#include <skein/time.hpp>

#include <atomic>
#include <cstdint>

namespace skein::local {

// Activity counters of one worker: written by the thread that carries its requests, read by the
// thread that supervises it. Lock-free, any thread.
class EndpointActivity {
public:
    // A snapshot of the counters.
    struct Reading {
        int in_flight = 0;         // Requests in flight.
        std::uint64_t signs = 0;   // Arrivals of bytes; the end of a request does not count.
        std::uint64_t served = 0;  // Requests that ended.
    };

    void began() { in_flight_.fetch_add(1, relaxed); }
    void arrived() { signs_.fetch_add(1, relaxed); }
    // A request has ended. Returns the number of ended requests since `renew`, this one included.
    std::uint64_t ended() {
        in_flight_.fetch_sub(1, relaxed);
        return served_.fetch_add(1, relaxed) + 1 - served_before_.load(relaxed);
    }
    // A new process replaces the worker.
    void renew() { served_before_.store(served_.load(relaxed), relaxed); }

    Reading read() const {
        return {in_flight_.load(relaxed), signs_.load(relaxed), served_.load(relaxed)};
    }

private:
    static constexpr auto relaxed = std::memory_order_relaxed;

    std::atomic<int> in_flight_ = 0;
    std::atomic<std::uint64_t> signs_ = 0;
    std::atomic<std::uint64_t> served_ = 0;
    std::atomic<std::uint64_t> served_before_ = 0;
};

}  // namespace skein::local
