#include "capi/queue.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace skein::capi {

Queue::Queue() : descriptor_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

Queue::~Queue() {
    while (first_) {
        const std::unique_ptr<skein_event> gone{first_};
        first_ = gone->next;
    }
    if (descriptor_ >= 0) close(descriptor_);
}

void Queue::mark_full() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(descriptor_, &one, sizeof one);
}

void Queue::mark_empty() {
    std::uint64_t all = 0;
    [[maybe_unused]] const auto got = read(descriptor_, &all, sizeof all);
}

void Queue::expect() {
    const std::lock_guard lock{mutex_};
    ++owed_;
}

void Queue::expect_no_longer() {
    const std::lock_guard lock{mutex_};
    --owed_;
    if (is_over()) changed_.notify_all();
}

void Queue::put(std::unique_ptr<skein_event> event) {
    const std::lock_guard lock{mutex_};
    auto* const added = event.release();
    const bool was_empty = !first_;
    (was_empty ? first_ : last_->next) = added;
    last_ = added;
    if (!was_empty) return;  // Who waits has been told already.
    mark_full();
    changed_.notify_one();
}

std::size_t Queue::take(skein_event** events, std::size_t most, TimePoint until) {
    if (most == 0) return 0;
    std::unique_lock lock{mutex_};
    const auto is_enough = [this] { return first_ || is_over(); };
    if (until == never) {
        changed_.wait(lock, is_enough);
    } else {
        changed_.wait_until(lock, until, is_enough);
    }
    std::size_t count = 0;
    for (; first_ && count < most; ++count) {
        auto* const event = first_;
        first_ = event->next;
        event->next = nullptr;
        if (event->reply()) --owed_;
        events[count] = event;
    }
    if (count == 0) return 0;
    if (first_) {
        changed_.notify_one();  // Another thread may take the rest.
    } else {
        mark_empty();
        if (is_over()) changed_.notify_all();
    }
    return count;
}

void Queue::shut() {
    const std::lock_guard lock{mutex_};
    is_shut_ = true;
    changed_.notify_all();
}

}  // namespace skein::capi
