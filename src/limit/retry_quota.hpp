#pragma once
#include "base/assert.hpp"
#include "model/fault_table.hpp"

#include <skein/time.hpp>

#include <algorithm>

namespace skein {

// What a retry after this fault costs: little if the endpoint is well and only said no. Those that
// do not count as an attempt used up are free, and not to be asked about.
constexpr int retry_cost(const FaultRow& row) {
    const bool is_throttled = row.pace == Pace::throttled && row.verdict == Verdict::neutral;
    return is_throttled ? 5 : 14;
}

// How many retries an endpoint may be asked to bear. Only what goes well pays for what did not, so
// that an outage costs 500 / 14 = 35 retries and no more, however long it is.
//
//     500 ──a retry──> 486 ──it goes well──> 500
//
// A reply at the first try earns one, a reply to a retry what that retry had cost.
class RetryQuota {
public:
    explicit RetryQuota(int capacity = 500) : capacity_{capacity}, level_{capacity} {
        SKEIN_ASSERT(capacity >= 0);
    }

    // Time brings nothing back.
    TimePoint ready_at(TimePoint now, int cost) const { return cost <= level_ ? now : never; }

    void take(int cost) {
        SKEIN_ASSERT(cost >= 0 && cost <= level_);
        level_ -= cost;
    }

    // `paid`: what the try that went well had taken; 0 if it was free, as the first one is.
    void went_well(int paid) {
        SKEIN_ASSERT(paid >= 0 && paid <= capacity_);
        level_ = std::min(capacity_, level_ + std::max(paid, 1));
    }

    bool is_above_half() const { return level_ > capacity_ / 2; }
    int level() const { return level_; }

private:
    int capacity_;
    int level_;
};

}  // namespace skein
