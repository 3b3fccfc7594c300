#pragma once
#include "measure/histogram.hpp"

#include <skein/time.hpp>

#include <algorithm>
#include <mutex>

namespace skein {

// Measures how long each turn of an event loop takes, because every event that becomes ready during
// a turn has to wait for its end. Costs two clock readings per turn, and nothing in an idle loop.
// Thread-safe: several loops share one watch; a mutex protects it.
class LoopWatch {
public:
    // Measures from `began` to its destruction. Does nothing if `watch` is null.
    class Turn {
    public:
        Turn(LoopWatch* watch, TimePoint began) : watch_{watch}, began_{began} {}
        ~Turn() {
            if (watch_) watch_->add(Clock::now() - began_);
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        LoopWatch* watch_;
        TimePoint began_;
    };

    void add(Duration turn) {
        const std::lock_guard lock{mutex_};
        turns_.add(turn);
        max_ = std::max(max_, turn);
    }

    // The q-quantile of the durations of all turns, `q` from 0 to 1, within 2 %.
    Duration quantile(double q) const {
        const std::lock_guard lock{mutex_};
        return turns_.quantile(q);
    }
    Duration max() const {
        const std::lock_guard lock{mutex_};
        return max_;
    }

private:
    mutable std::mutex mutex_;
    Histogram turns_;
    Duration max_{};
};

}  // namespace skein
