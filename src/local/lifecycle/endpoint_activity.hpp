#pragma once
#include <skein/time.hpp>

#include <atomic>
#include <cstdint>

namespace skein::worker {

// What the wire sees of one worker, for whoever watches over it. Any thread.
class EndpointActivity {
public:
    // What was seen so far.
    struct Reading {
        int in_flight = 0;         // Requests it is at.
        std::uint64_t signs = 0;   // Arrivals of bytes: one that was given up on is no sign.
        std::uint64_t served = 0;  // Requests that ended.
    };

    void began() { in_flight_.fetch_add(1, relaxed); }
    void arrived() { signs_.fetch_add(1, relaxed); }
    // How many have ended since it was renewed, this one included.
    std::uint64_t ended() {
        in_flight_.fetch_sub(1, relaxed);
        return served_.fetch_add(1, relaxed) + 1 - served_before_.load(relaxed);
    }
    // Another process takes its place.
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

}  // namespace skein::worker
