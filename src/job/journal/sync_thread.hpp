#pragma once
#include "job/file/disk.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace skein::job {

// Forces a file to the disk (`fdatasync`) on a thread of its own, so that a slow disk holds up
// none of the threads that requests and replies pass through. One sync at a time.
//
// Driven by one thread. The file must stay open until the sync is over; the destructor waits.
class SyncThread {
public:
    explicit SyncThread(const Disk& disk = {});
    ~SyncThread();
    SyncThread(const SyncThread&) = delete;
    SyncThread& operator=(const SyncThread&) = delete;

    // Does not wait. To be called when none is under way.
    void start(int descriptor);

    // From `start` until the result has been taken.
    bool is_under_way() const;

    // 0 or an errno, once after each `start`: `result` only if the sync is over, `wait` when it is.
    std::optional<int> result();
    int wait();

private:
    void work();
    int take();

    const Disk disk_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<int> descriptor_;  // To be synced,
    std::optional<int> error_;       // and what came of it.
    bool is_over_ = false;
    std::thread thread_;  // The last to begin, for it uses all of the above.
};

}  // namespace skein::job
