// The completion queue: events from the delivery thread to whoever takes them.
#pragma once
#include "capi/event.hpp"

#include <skein/time.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace skein::capi {

// Unbounded: replies are never dropped, and pieces are bounded by their streams. Putting an event
// in takes no memory, so a reply cannot be lost for want of it. Thread-safe.
class Queue {
public:
    Queue();
    ~Queue();  // Frees the events that were not taken.
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    // Readable while there are events. Negative: no descriptor was to be had.
    int descriptor() const { return descriptor_; }

    // One more reply will come; or will not, because asking has failed.
    void expect();
    void expect_no_longer();

    void put(std::unique_ptr<skein_event> event);

    // At most `most` events, oldest first. Waits for the first until `until`, or until no event can
    // come any more.
    std::size_t take(skein_event** events, std::size_t most, TimePoint until);

    // No more requests come: `take` does not wait beyond the last reply.
    void shut();

private:
    bool is_over() const { return is_shut_ && owed_ == 0 && !first_; }
    void mark_full();
    void mark_empty();

    const int descriptor_;
    std::mutex mutex_{};
    std::condition_variable changed_{};
    skein_event* first_ = nullptr;
    skein_event* last_ = nullptr;
    std::uint64_t owed_ = 0;  // Replies that were not taken yet.
    bool is_shut_ = false;
};

}  // namespace skein::capi
