// A job from its first life to its last.
#pragma once
#include "crash/plan.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace skein::crash {

// What it went through, and what came of it.
struct Told {
    std::string broken{};  // The first promise that did not hold; empty: all did.
    std::string output{};
    int lives = 0;
    int crashes = 0;
    int power_cuts = 0;
    int failures = 0;         // Lives that ended because of the disk.
    int stops = 0;            // And by Ctrl-C or policy.
    int calls = 0;            // To the disk, in the first life.
    std::uint64_t again = 0;  // Rows that were begun anew.
    std::uint64_t lost = 0;   // Records that power cuts have taken, as they may.

    bool operator==(const Told&) const = default;
};

using Lives = std::function<LifePlan(int number)>;

Told tell_of_job(const Plan& plan, const Lives& lives);

// As the seed has it, and as it would have gone if nothing had come between.
Told tell_of_job(const Plan& plan);
Told tell_of_job_undisturbed(const Plan& plan);

}  // namespace skein::crash
