#pragma once
#include <skein/time.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace skein {

// Counter of the requests without a reply. Any thread.
class Outstanding {
public:
    void one_more() { ++count_; }
    void one_less() {
        if (--count_ > 0) return;
        // A thread that has just read the counter is inside `wait` after this, so that the
        // notification cannot be lost.
        { const std::lock_guard lock{mutex_}; }
        changed_.notify_all();
    }

    // Waits until the counter is zero, or until `until`. True: it is zero.
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

// Counts as one request without a reply while it lives (RAII).
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
