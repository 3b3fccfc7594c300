#pragma once
#include <skein/job.hpp>

#include <cstdint>
#include <string>

namespace skein::job {

// `limits.max_failures`: the number or share of failed rows after which a run stops.
class FailureLimit {
public:
    // A share is tested only after 100 rows, because a share of fewer rows says little.
    static constexpr std::uint64_t min_finished = 100;

    explicit FailureLimit(const MaxFailures& max) : max_{max} {}

    bool is_passed(std::uint64_t failed, std::uint64_t finished) const;

    // The limit as the job file writes it: `100`, `5%`.
    std::string text() const;

private:
    MaxFailures max_;
};

}  // namespace skein::job
