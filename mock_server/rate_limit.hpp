// The limit of the server on requests per minute: a bucket that fills evenly, and is honest about
// when it will have a place. It is told what time it is.
#pragma once
#include <skein/time.hpp>

#include <cstdint>

namespace skein::mock {

class RateLimit {
public:
    // `rpm` of 0: no limit. `burst`: how many may come at once; 0: those of one second, at least 1.
    RateLimit(double rpm, double burst, TimePoint now);

    struct Verdict {
        bool granted = true;
        std::uint64_t limit = 0;      // Per minute.
        std::uint64_t remaining = 0;  // That may come at once, now.
        Duration next{};              // Until one more may come.
        Duration full{};              // Until all of the burst may.
    };

    bool is_on() const { return rpm_ > 0; }
    // A request has come. What is refused takes nothing.
    Verdict take(TimePoint now);

private:
    Duration until(double level) const;

    double rpm_;
    double burst_;
    double level_;
    TimePoint updated_;
};

}  // namespace skein::mock
