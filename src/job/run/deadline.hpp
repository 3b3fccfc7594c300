#pragma once
#include "base/time_math.hpp"

#include <skein/time.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace skein {

// A one-shot timer: calls `call` once on its own thread when the time `after` has passed.
// Destroying the timer earlier cancels the call; the destructor waits for a call that has begun.
class RunDeadline {
public:
    RunDeadline(Duration after, std::function<void()> call)
        : thread_{[this, until = saturating_add(Clock::now(), after), call = std::move(call)] {
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
