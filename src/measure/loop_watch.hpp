#pragma once
#include "measure/histogram.hpp"

#include <skein/time.hpp>

#include <algorithm>
#include <mutex>

namespace skein {

// How long loops are kept by one turn of their work at a time: whatever becomes ready meanwhile
// waits as long. It costs a turn one more look at the clock, and an idle loop nothing. Any thread.
class LoopWatch {
public:
    // From its making to its end. Nobody has to watch.
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
        most_ = std::max(most_, turn);
    }

    // The time that a share `q` (0 to 1) of all turns stays below, within 2 %.
    Duration quantile(double q) const {
        const std::lock_guard lock{mutex_};
        return turns_.quantile(q);
    }
    Duration most() const {
        const std::lock_guard lock{mutex_};
        return most_;
    }

private:
    mutable std::mutex mutex_;
    Histogram turns_;
    Duration most_{};
};

}  // namespace skein
