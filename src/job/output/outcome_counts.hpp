#pragma once
#include "job/journal/failure_groups.hpp"
#include "job/output/failure_limit.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>
#include <skein/request.hpp>
#include <skein/tally.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace skein::job {

// Counts outcomes for the report: failed rows in groups, and finish reasons of answers. Stops the
// run at `limits.max_failures`. Written by one thread, read by any.
class OutcomeCounts {
public:
    explicit OutcomeCounts(const MaxFailures& max) : limit_{max} {}

    // Adds the reply to a row. Returns the reason to stop the run if too many rows have failed.
    std::optional<RunError> add(std::string_view id, const Reply& reply);

    // Sets the rows that failed in earlier runs and are not asked again.
    void begin_with(FailureGroups earlier);

    void fill(Tally& tally) const;

private:
    std::optional<RunError> add_failure(std::string_view id, const Fault& fault);
    void add_answer(std::string_view finish_reason);
    RunError too_many() const;

    FailureLimit limit_;
    mutable std::mutex mutex_;
    FailureGroups failures_;
    std::vector<FinishReason> reasons_;
    std::uint64_t finished_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t bad_input_ = 0;
};

}  // namespace skein::job
