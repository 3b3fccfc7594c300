#pragma once
#include "job/file/disk.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace skein::job {

// Forces a file to the disk (`fdatasync`) on its own thread, so that a slow disk does not delay
// requests or replies. One sync at a time.
//
// Driven by one thread. The file must stay open until the sync is over; the destructor waits for a
// running sync.
class SyncThread {
public:
    explicit SyncThread(const Disk& disk = {});
    ~SyncThread();
    SyncThread(const SyncThread&) = delete;
    SyncThread& operator=(const SyncThread&) = delete;

    // Begins a sync and does not wait. Call it only if no sync is in progress.
    void start(int descriptor);

    // True from `start` until the result has been taken.
    bool is_under_way() const;

    // The result of a sync, 0 or an errno, given once after each `start`. `result` returns nothing
    // while the sync runs; `wait` blocks until it is over.
    std::optional<int> result();
    int wait();

private:
    void work();
    int take();

    const Disk disk_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<int> descriptor_;  // The file to sync.
    std::optional<int> error_;       // The result of the sync.
    bool is_over_ = false;
    std::thread thread_;  // Last, because the thread uses all members above from its start.
};

}  // namespace skein::job
