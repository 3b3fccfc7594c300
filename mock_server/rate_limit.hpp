// The server's limit of requests per minute: a token bucket that refills evenly. No clock: the
// caller gives the time.
#pragma once
#include <skein/time.hpp>

#include <cstdint>

namespace skein::mock {

class RateLimit {
public:
    // `rpm` 0: no limit. `burst`: the size of the bucket; 0: the requests of one second, at least
    // 1.
    RateLimit(double rpm, double burst, TimePoint now);

    struct Verdict {
        bool granted = true;
        std::uint64_t limit = 0;      // Per minute.
        std::uint64_t remaining = 0;  // That may come at once, now.
        Duration next{};              // Until one more may come.
        Duration full{};              // Until all of the burst may.
    };

    bool is_on() const { return rpm_ > 0; }
    // A request has come. A refused request takes no token.
    Verdict take(TimePoint now);

private:
    Duration until(double level) const;

    double rpm_;
    double burst_;
    double level_;
    TimePoint updated_;
};

}  // namespace skein::mock
