#pragma once
#include "base/random.hpp"

#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace skein::local {

struct RestartSettings {
    Duration first = std::chrono::seconds{1};     // Pause before the second start; then doubled,
    Duration max = std::chrono::seconds{60};      // up to this, each with a jitter of 20 %.
    Duration healthy = std::chrono::minutes{10};  // Ready for so long resets the history.
    std::size_t starts = 5;                       // The worker is given up after so many starts
    Duration within = std::chrono::minutes{5};    // within this time,
                                                  // or after so many in a row without success.
};

// Restart policy of a worker: exponential backoff with jitter, and giving up after too many starts.
// The caller reports every start and every readiness, and asks at every end. Planned replacements
// are not reported. Pure; the caller passes the time.
class Restarts {
public:
    explicit Restarts(std::uint64_t seed, const RestartSettings& settings = {})
        : settings_{settings}, seed_{seed} {}

    void started(TimePoint now);
    void ready(TimePoint now);

    // The worker has ended. Returns the time of the next start, or nothing to give it up.
    std::optional<TimePoint> ended(TimePoint now);

    std::uint64_t starts() const { return starts_; }

private:
    RestartSettings settings_;
    std::uint64_t seed_;
    std::uint64_t starts_ = 0;
    int ended_in_a_row_ = 0;
    std::size_t never_ready_in_a_row_ = 0;
    std::deque<TimePoint> lately_;  // Starts within `RestartSettings::within`.
    TimePoint ready_since_ = never;
};

}  // namespace skein::local
