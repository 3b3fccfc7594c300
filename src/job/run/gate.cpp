// Back-pressure: blocks the thread that reads the input while too many rows are in memory.
//
// Invariant: one mutex guards all counters. A waiting reader is woken when there is room for many
// rows again, when the last reply has come, and on a stop. Callable from any thread.
#include "job/run/gate.hpp"

#include "base/time_math.hpp"

#include <utility>

namespace skein {

// Before the first reply no place becomes free, so further rows would only compete with the opening
// of connections for the processor. The time bounds this phase, because a first reply may take
// minutes.
bool Gate::is_opening() const {
    return counts_.answered == 0 && counts_.asked >= bounds_.first && Clock::now() < open_at_;
}

// The bound of bytes never blocks an empty gate, because a single row above it must pass, or the
// run would hang.
bool Gate::is_full() const {
    const auto held = counts_.asked - counts_.answered;
    return window_is_full() || held >= bounds_.held || (held > 0 && bytes_ >= bounds_.bytes) ||
           is_opening();
}

// Hysteresis: the low-water mark `enough` lets one wake-up serve many rows.
bool Gate::is_worth_waking() const {
    return stopped_ || (!is_full() && counts_.asked - counts_.answered <= bounds_.enough);
}

bool Gate::has_room() const {
    const std::lock_guard lock{mutex_};
    return !stopped_ && !is_full();
}

bool Gate::wait_for_room() {
    std::unique_lock lock{mutex_};
    if (stopped_ || !is_full()) return !stopped_;
    reader_waits_ = true;
    for (;;) {
        // Evaluated before `is_worth_waking`, because the opening phase can end between the two:
        // the predicate would then still see the gate full, and an untimed wait would never wake.
        const bool opens = is_opening();
        if (is_worth_waking()) break;
        // The wait is head-of-line blocking if the oldest row holds up the window; the report shows
        // the sum.
        const bool behind_the_oldest = window_is_full();
        const auto from = Clock::now();
        if (opens) {
            changed_.wait_until(lock, open_at_);
        } else {
            changed_.wait(lock);
        }
        if (behind_the_oldest) counts_.stalled += Clock::now() - from;
    }
    reader_waits_ = false;
    return !stopped_;
}

void Gate::take_asked(std::uint64_t line, std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    if (counts_.asked == 0) open_at_ = saturating_add(Clock::now(), bounds_.opening);
    ++counts_.taken;
    ++counts_.asked;
    bytes_ += bytes;
    // Lines are taken in order, so the hint makes this insertion constant time.
    under_way_.insert(under_way_.end(), line);
}

// Known rows fill the window and nothing else, because no request is made of them.
void Gate::take_known(std::uint64_t count, std::uint64_t failed) {
    const std::lock_guard lock{mutex_};
    counts_.taken += count;
    counts_.done += count;
    counts_.resumed += count;
    counts_.failed_lines += failed;
}

bool Gate::wait_until_answered(TimePoint until, bool also_if_stopping) {
    std::unique_lock lock{mutex_};
    const auto answered = [this] { return counts_.answered == counts_.asked; };
    const auto over = [&] { return answered() || (stopped_ && !also_if_stopping); };
    if (until == never) {
        changed_.wait(lock, over);
    } else {
        changed_.wait_until(lock, until, over);
    }
    return answered();
}

void Gate::answered(std::uint64_t line, std::size_t bytes) {
    {
        const std::lock_guard lock{mutex_};
        ++counts_.answered;
        bytes_ -= bytes;
        under_way_.erase(line);
        // A notification per reply would cost a context switch each, so most replies send none.
        const bool was_last = counts_.answered == counts_.asked;
        if (!was_last && !(reader_waits_ && is_worth_waking())) return;
    }
    changed_.notify_all();
}

void Gate::journaled(std::uint64_t count, std::uint64_t failed) {
    const std::lock_guard lock{mutex_};
    counts_.done += count;
    counts_.failed_lines += failed;
}

void Gate::written(std::uint64_t total) {
    {
        const std::lock_guard lock{mutex_};
        if (counts_.written == total) return;
        counts_.written = total;
        if (!reader_waits_ || !is_worth_waking()) return;
    }
    changed_.notify_all();
}

void Gate::left_out() {
    {
        const std::lock_guard lock{mutex_};
        ++counts_.left_out;
        if (!reader_waits_ || !is_worth_waking()) return;
    }
    changed_.notify_all();
}

void Gate::stop(RunError why) {
    {
        const std::lock_guard lock{mutex_};
        if (stopped_) return;
        stopped_ = std::move(why);
    }
    changed_.notify_all();
    // Outside the lock, because the callback takes other locks.
    if (on_stop_) on_stop_();
}

std::optional<RunError> Gate::stopped() const {
    const std::lock_guard lock{mutex_};
    return stopped_;
}

Gate::Counts Gate::counts() const {
    const std::lock_guard lock{mutex_};
    auto counts = counts_;
    if (!under_way_.empty()) counts.oldest = *under_way_.begin();
    return counts;
}

}  // namespace skein
