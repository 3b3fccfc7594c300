// A job from its first life to its last: killed and run again until it is complete.
#pragma once
#include "crash/plan.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace skein::crash {

// The history of a job and its result.
struct Told {
    std::string broken{};  // The first broken promise; empty if there is none.
    std::string output{};
    int lives = 0;
    int crashes = 0;
    int power_cuts = 0;
    int failures = 0;         // Lives that ended with a failure of the disk.
    int stops = 0;            // Lives that ended by Ctrl-C or policy.
    int calls = 0;            // Calls to the disk in the first life.
    std::uint64_t again = 0;  // Rows that were sent again after a loss.
    std::uint64_t lost = 0;   // Records lost by power cuts, which is allowed.

    bool operator==(const Told&) const = default;
};

using Lives = std::function<LifePlan(int number)>;

Told tell_of_job(const Plan& plan, const Lives& lives);

// The job with the faults of its seed, and the same job without any fault.
Told tell_of_job(const Plan& plan);
Told tell_of_job_undisturbed(const Plan& plan);

}  // namespace skein::crash
