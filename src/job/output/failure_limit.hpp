#pragma once
#include <skein/job.hpp>

#include <cstdint>
#include <string>

namespace skein::job {

// After how many failed rows is a run to stop?
class FailureLimit {
public:
    // A share of fewer rows says little.
    static constexpr std::uint64_t least_finished = 100;

    explicit FailureLimit(const MaxFailures& most) : most_{most} {}

    bool is_passed(std::uint64_t failed, std::uint64_t finished) const;

    // As in the job file: `100`, `5%`.
    std::string text() const;

private:
    MaxFailures most_;
};

}  // namespace skein::job
