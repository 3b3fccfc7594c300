// Everything a job depends on that is killed again and again, all of it a function of one seed.
#pragma once
#include "crash/memory_disk.hpp"
#include "law/weather.hpp"

#include <skein/job.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace skein::crash {

// One run of the program.
struct LifePlan {
    Troubles troubles{};
    int crash_at_step = 0;  // Of the dispatcher. 0: never.
    bool power_is_cut = false;
    std::optional<Duration> ctrl_c{};  // When, counted from its begin.
    Duration linger = std::chrono::milliseconds{1};
    bool retry_failed = false;
    bool retry = false;    // Some answered rows are asked again, `is_asked_again`.
    bool is_fair = false;  // Nothing goes wrong: after so many, the job must come to its end.
    std::uint64_t seed = 0;
};

struct Plan {
    std::uint64_t seed = 1;
    law::Scene scene{};
    std::uint64_t window = 1000;  // Rows taken on and not yet written.
    Output::Durability durability = Output::Durability::interval;
    int lives = 3;           // Before the fair ones.
    bool is_steady = false;  // What becomes of a row does not depend on when it is asked.
};

Plan plan_of(std::uint64_t seed);
LifePlan life_of(const Plan& plan, int number);

// The weather of a life: what is wrong in it is put right before a fair one.
law::Scene scene_of(const Plan& plan, const LifePlan& life);

// Rows count from 0; the input has an empty line now and then.
std::uint64_t line_of(Sequence row);
Sequence row_of(std::uint64_t line);
std::uint64_t hash_of(const Plan& plan, Sequence row);
std::string id_of(Sequence row);
// By `--retry`, where the life has it.
bool is_asked_again(const LifePlan& life, Sequence row);
// Some cannot be sent at all.
bool is_bad(const Plan& plan, Sequence row);
// What the model says to it, as JSON: at times long, at times with what must not end a line.
std::string answer_to(const Plan& plan, Sequence row);

}  // namespace skein::crash
