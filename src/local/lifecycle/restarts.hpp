#pragma once
#include "base/random.hpp"

#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace skein::worker {

struct RestartSettings {
    Duration first = std::chrono::seconds{1};     // Before the second start; then twice as long,
    Duration most = std::chrono::seconds{60};     // up to this, each spread by a fifth.
    Duration healthy = std::chrono::minutes{10};  // Ready for so long, and all is forgotten.
    std::size_t starts = 5;                       // So many starts
    Duration within = std::chrono::minutes{5};    // within this time, and it is given up;
                                                  // or so many in a row that came to nothing.
};

// When to start a worker again that has ended. It is told of every start, and that the worker is
// ready, and asked at every end; replacements that are wanted are neither.
class Restarts {
public:
    explicit Restarts(std::uint64_t seed, const RestartSettings& settings = {})
        : settings_{settings}, seed_{seed} {}

    void started(TimePoint now);
    void ready(TimePoint now);

    // It ended, for whatever reason. Nothing: it is not worth another start.
    std::optional<TimePoint> ended(TimePoint now);

    std::uint64_t starts() const { return starts_; }

private:
    RestartSettings settings_;
    std::uint64_t seed_;
    std::uint64_t starts_ = 0;
    int ended_in_a_row_ = 0;
    std::size_t never_ready_in_a_row_ = 0;
    std::deque<TimePoint> lately_;  // Starts of the last minutes.
    TimePoint ready_since_ = never;
};

}  // namespace skein::worker
