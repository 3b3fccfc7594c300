#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace skein {

// A sliding window over the attempts at one endpoint, in the order in which they began.
//
// Errors end before answers. What ended in the last second is therefore mostly errors, also at an
// endpoint that is well; what began in the last second is not. So the window is cut by the begin of
// attempts, up to the youngest that has ended, and an attempt that is still under way counts as one
// that has not failed.
//
//     began    1  2  3  4  5  6  7  8 …     1, 3, 4 and 6 are under way: they may be answered yet
//     ended       ×           ×  ✓          two of seven have failed, not two of three
class RecentAttempts {
public:
    using Number = std::uint64_t;
    enum class End : std::uint8_t { under_way, well, failed, no_evidence };

    // Four times as many are remembered as may be under way: in an outage new attempts begin while
    // older ones are still failing, and the window must reach back behind these.
    explicit RecentAttempts(std::size_t most_at_once) : attempts_(4 * most_at_once + 64) {}

    // Numbers begin with 1 and grow by one.
    Number began(bool is_retry);
    void ended(Number number, End end);

    // What has begun until now counts no more.
    void forget() { begin_ = last_ + 1; }

    // Attempts that have begun and count.
    std::size_t size() const { return static_cast<std::size_t>(last_ + 1 - oldest()); }

    struct Share {
        std::size_t began = 0;
        std::size_t failed = 0;
        std::size_t ended = 0;
        std::size_t retries = 0;         // Of those that began,
        std::size_t retries_failed = 0;  // of those that failed,
        std::size_t retries_ended = 0;   // and of those that ended.

        std::size_t first_tries() const { return began - retries; }
        double value() const {
            return began == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(began);
        }
    };
    // Looks back from the youngest that has ended, one attempt after the other, while
    // `go_on(share)` of all that were seen says so.
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

    // Of those that count and are remembered.
    Number oldest() const {
        const Number remembered = last_ > attempts_.size() ? last_ - attempts_.size() + 1 : 1;
        return std::max(begin_, remembered);
    }

    std::vector<Attempt> attempts_;
    Number last_ = 0;      // The youngest that began.
    Number youngest_ = 0;  // The youngest that has ended and is evidence.
    Number begin_ = 1;     // The oldest that counts.
};

}  // namespace skein
