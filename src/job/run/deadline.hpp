#pragma once
#include "base/time_math.hpp"

#include <skein/time.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace skein {

// Calls once when a time has passed, on a thread of its own; not at all if it goes away before.
class RunDeadline {
public:
    RunDeadline(Duration after, std::function<void()> call)
        : thread_{[this, until = later(Clock::now(), after), call = std::move(call)] {
              std::unique_lock lock{mutex_};
              if (!changed_.wait_until(lock, until, [this] { return over_; })) call();
          }} {}

    ~RunDeadline() {
        {
            const std::lock_guard lock{mutex_};
            over_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    RunDeadline(const RunDeadline&) = delete;
    RunDeadline& operator=(const RunDeadline&) = delete;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace skein
