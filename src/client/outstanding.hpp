#pragma once
#include <skein/time.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace skein {

// How many wait for a reply. Any thread.
class Outstanding {
public:
    void one_more() { ++count_; }
    void one_less() {
        if (--count_ > 0) return;
        { const std::lock_guard lock{mutex_}; }  // Whoever has just looked must be asleep by now.
        changed_.notify_all();
    }

    // True if nobody waits any more, by `until` at the latest.
    bool wait_for_none(TimePoint until) {
        std::unique_lock lock{mutex_};
        const auto none = [this] { return count_ == 0; };
        if (until != never) return changed_.wait_until(lock, until, none);
        changed_.wait(lock, none);
        return true;
    }

private:
    std::atomic<std::uint64_t> count_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
};

// One who waits, as long as this lives.
class Counted {
public:
    Counted() = default;
    explicit Counted(std::shared_ptr<Outstanding> by) : by_{std::move(by)} { by_->one_more(); }
    Counted(Counted&& other) noexcept = default;
    Counted& operator=(Counted&& other) noexcept {
        std::swap(by_, other.by_);
        return *this;
    }
    ~Counted() {
        if (by_) by_->one_less();
    }

private:
    std::shared_ptr<Outstanding> by_;
};

}  // namespace skein
