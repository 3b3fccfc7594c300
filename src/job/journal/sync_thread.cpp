// One fdatasync at a time, on a thread of its own. The mutex guards the state: `descriptor_` alone
// means that a sync is asked for or running, with `error_` its result waits, neither means idle.
#include "job/journal/sync_thread.hpp"

#include "base/assert.hpp"

namespace skein::job {

SyncThread::SyncThread(const Disk& disk) : disk_{disk}, thread_{[this] { work(); }} {}

SyncThread::~SyncThread() {
    {
        const std::lock_guard lock{mutex_};
        is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void SyncThread::start(int descriptor) {
    {
        const std::lock_guard lock{mutex_};
        SKEIN_ASSERT(!descriptor_);
        descriptor_ = descriptor;
    }
    changed_.notify_all();
}

bool SyncThread::is_under_way() const {
    const std::lock_guard lock{mutex_};
    return descriptor_.has_value();
}

std::optional<int> SyncThread::result() {
    const std::lock_guard lock{mutex_};
    return error_ ? std::optional{take()} : std::nullopt;
}

int SyncThread::wait() {
    std::unique_lock lock{mutex_};
    SKEIN_ASSERT(descriptor_);
    changed_.wait(lock, [this] { return error_.has_value(); });
    return take();
}

// Called with the lock held. Frees the thread for the next sync.
int SyncThread::take() {
    const int error = *error_;
    descriptor_.reset();
    error_.reset();
    return error;
}

// A sync that was asked for is done even while the object is being destroyed; the thread returns
// only when none is pending.
void SyncThread::work() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return is_over_ || (descriptor_ && !error_); });
        if (!descriptor_ || error_) return;
        const int descriptor = *descriptor_;
        // Unlocked, because a sync may take seconds and the delivery thread asks for the result
        // meanwhile.
        lock.unlock();
        const int error = sync_data(disk_, descriptor);
        lock.lock();
        error_ = error;
        changed_.notify_all();
    }
}

}  // namespace skein::job
