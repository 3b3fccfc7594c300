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

// What became of the rows, for the report: how those that failed did, and how answers ended. Told
// by one thread, asked by any.
class OutcomeCounts {
public:
    explicit OutcomeCounts(const MaxFailures& most) : limit_{most} {}

    // A row has its reply. Returns why the run is to stop, if too many have failed.
    std::optional<RunError> add(std::string_view id, const Reply& reply);

    // Those that failed in earlier runs and are not asked again.
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
