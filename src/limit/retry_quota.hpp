#pragma once
#include "base/assert.hpp"
#include "model/fault_table.hpp"

#include <skein/time.hpp>

#include <algorithm>

namespace skein {

// The cost of a retry after this fault: 5 after a 429, because the endpoint is healthy and only
// said no; otherwise 14. Retries that do not count as an attempt are free; do not call this for
// them.
constexpr int retry_cost(const FaultRow& row) {
    const bool is_throttled = row.pace == Pace::throttled && row.verdict == Verdict::neutral;
    return is_throttled ? 5 : 14;
}

// A retry budget for one endpoint: how many retries it may get. Only answers refill the quota, so
// an outage costs 500 / 14 = 35 retries, however long it is.
//
//     500 ──a retry──> 486 ──any answer──> 500
//
// Each answer earns four retries, so the quota does not limit an endpoint that answers one of five
// attempts: it is a budget against outages, not against noise.
class RetryQuota {
public:
    explicit RetryQuota(int capacity = 500) : capacity_{capacity}, level_{capacity} {
        SKEIN_ASSERT(capacity >= 0);
    }

    // Now or never, because time does not refill the quota.
    TimePoint ready_at(TimePoint now, int cost) const { return cost <= level_ ? now : never; }

    void take(int cost) {
        SKEIN_ASSERT(cost >= 0 && cost <= level_);
        level_ -= cost;
    }

    void went_well() { level_ = std::min(capacity_, level_ + earned); }

    bool is_above_half() const { return level_ > capacity_ / 2; }
    int level() const { return level_; }

private:
    static constexpr int earned = 4 * 14;

    int capacity_;
    int level_;
};

}  // namespace skein
