// What other threads bring together, for a test that waits for it.
#pragma once
#include <skein/time.hpp>

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace skein::test {

// How long a test waits for what must happen, before it gives up on it.
inline constexpr Duration patience = std::chrono::seconds{30};

template <class T>
class Gathered {
public:
    void add(T thing) {
        const std::lock_guard lock{mutex_};
        things_.push_back(std::move(thing));
        changed_.notify_all();  // Under the lock: once it is free, who waited may destroy this.
    }
    bool wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return things_.size() >= count; });
    }
    std::vector<T> all() const {
        const std::lock_guard lock{mutex_};
        return things_;
    }
    std::size_t count() const {
        const std::lock_guard lock{mutex_};
        return things_.size();
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<T> things_;
};

}  // namespace skein::test
