#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace skein {

// A sliding window over the attempts at one endpoint, ordered by their begin (a ring buffer).
//
// Errors are faster than answers. So the attempts that ended in the last second are mostly errors,
// even at a healthy endpoint; a window over ends would be biased. This window therefore holds
// attempts by their begin, up to the youngest attempt that has ended. An attempt that is still in
// flight counts as not failed.
//
//     began    1  2  3  4  5  6  7  8 …     1, 3, 4 and 6 are in flight: they may be answered yet
//     ended       ×           ×  ✓          two of seven have failed, not two of three
class RecentAttempts {
public:
    using Number = std::uint64_t;
    enum class End : std::uint8_t { under_way, well, failed, no_evidence };

    // The window holds four times the attempts that may be in flight, because in an outage new
    // attempts begin while older ones are still failing, and the window must reach behind these.
    explicit RecentAttempts(std::size_t max_at_once) : attempts_(4 * max_at_once + 64) {}

    // An attempt begins. Numbers start at 1 and grow by one.
    Number began(bool is_retry);
    void ended(Number number, End end);

    // Attempts that have begun until now no longer count.
    void forget() { begin_ = last_ + 1; }

    // The number of attempts that count.
    std::size_t size() const { return static_cast<std::size_t>(last_ + 1 - oldest()); }

    struct Share {
        std::size_t began = 0;
        std::size_t failed = 0;
        std::size_t ended = 0;
        std::size_t retries = 0;         // Of `began`.
        std::size_t retries_failed = 0;  // Of `failed`.
        std::size_t retries_ended = 0;   // Of `ended`.

        std::size_t first_tries() const { return began - retries; }
        double value() const {
            return began == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(began);
        }
    };
    // Counts attempts from the youngest that has ended backwards, while `go_on(share)` is true for
    // the attempts counted so far. Attempts without evidence are skipped.
    template <class GoOn>
    Share look_back(GoOn go_on) const {
        Share share;
        for (auto number = youngest_; number >= oldest(); --number) {
            const auto& attempt = attempts_[number % attempts_.size()];
            if (attempt.end == End::no_evidence) continue;
            const std::size_t has_ended = attempt.end == End::under_way ? 0 : 1;
            const std::size_t has_failed = attempt.end == End::failed ? 1 : 0;
            const std::size_t is_retry = attempt.is_retry ? 1 : 0;
            ++share.began;
            share.ended += has_ended;
            share.failed += has_failed;
            share.retries += is_retry;
            share.retries_ended += is_retry * has_ended;
            share.retries_failed += is_retry * has_failed;
            if (!go_on(share)) break;
        }
        return share;
    }

private:
    struct Attempt {
        End end = End::no_evidence;
        bool is_retry = false;
    };

    // The oldest attempt that counts and is still in the ring buffer.
    Number oldest() const {
        const Number remembered = last_ > attempts_.size() ? last_ - attempts_.size() + 1 : 1;
        return std::max(begin_, remembered);
    }

    std::vector<Attempt> attempts_;
    Number last_ = 0;      // The youngest attempt that began.
    Number youngest_ = 0;  // The youngest attempt that has ended with evidence.
    Number begin_ = 1;     // The oldest attempt that counts.
};

}  // namespace skein
