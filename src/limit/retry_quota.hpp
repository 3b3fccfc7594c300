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

// A retry quota: how many retries an endpoint may be asked to bear. Only what goes well pays for
// what did not, so that an outage costs 500 / 14 = 35 retries and no more, however long it is.
//
//     500 ──a retry──> 486 ──any answer──> 500
//
// Each answer earns four retries, so where one of five attempts is answered the quota does not
// bind: it is a budget against outages, not against noise.
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

    void went_well() { level_ = std::min(capacity_, level_ + earned); }

    bool is_above_half() const { return level_ > capacity_ / 2; }
    int level() const { return level_; }

private:
    static constexpr int earned = 4 * 14;

    int capacity_;
    int level_;
};

}  // namespace skein
