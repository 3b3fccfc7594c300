// Waits of one length. They end in the order in which they began, so a line is all they need.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>

namespace skein::bench {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

// A connection that may have gone, and its descriptor serve another, when it is called.
struct Ticket {
    int fd;
    std::uint64_t serial;
};

class WaitingLine {
public:
    explicit WaitingLine(Clock::duration length) : length_{length} {}

    bool is_none() const { return length_ <= Clock::duration::zero(); }
    void begin(TimePoint now, Ticket ticket) { line_.push_back({now + length_, ticket}); }

    // When the next wait ends; far away if there is none.
    TimePoint next() const { return line_.empty() ? TimePoint::max() : line_.front().due; }

    Ticket pop() {
        const auto ticket = line_.front().ticket;
        line_.pop_front();
        return ticket;
    }

private:
    struct Wait {
        TimePoint due;
        Ticket ticket;
    };
    Clock::duration length_;
    std::deque<Wait> line_;
};

}  // namespace skein::bench
