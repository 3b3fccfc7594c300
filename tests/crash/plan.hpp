// The random plan of a crash test: job, weather and faults, all derived from one seed.
#pragma once
#include "crash/memory_disk.hpp"
#include "law/weather.hpp"

#include <skein/job.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace skein::crash {

// The plan of one run of the program.
struct LifePlan {
    Troubles troubles{};
    int crash_at_step = 0;  // The step of the dispatcher after which it is killed; 0: never.
    bool power_is_cut = false;
    std::optional<Duration> ctrl_c{};  // Time of Ctrl-C since the start of this life.
    Duration linger = std::chrono::milliseconds{1};
    bool retry_failed = false;
    bool retry = false;    // Some answered rows are asked again (`is_asked_again`).
    bool is_fair = false;  // No faults: after some fair lives the job must be complete.
    std::uint64_t seed = 0;
};

struct Plan {
    std::uint64_t seed = 1;
    law::Scene scene{};
    std::uint64_t window = 1000;  // Maximum of rows read and not yet written.
    Output::Durability durability = Output::Durability::interval;
    Output::Format format = Output::Format::openai_batch;
    int lives = 3;           // Lives before the fair ones.
    bool is_steady = false;  // The reply to a row does not depend on the time of its request.
};

Plan plan_of(std::uint64_t seed);
LifePlan life_of(const Plan& plan, int number);

// The weather of a life; a fair life has no faults.
law::Scene scene_of(const Plan& plan, const LifePlan& life);

// Rows count from 0; the input has an empty line now and then.
std::uint64_t line_of(Sequence row);
Sequence row_of(std::uint64_t line);
std::uint64_t hash_of(const Plan& plan, Sequence row);
std::string id_of(Sequence row);
// True if the life has `--retry` and it matches this row.
bool is_asked_again(const LifePlan& life, Sequence row);
// True for a row that cannot be sent at all.
bool is_bad(const Plan& plan, Sequence row);
// The answer of the model as JSON; sometimes long, sometimes with a Unicode line separator.
std::string answer_to(const Plan& plan, Sequence row);

}  // namespace skein::crash
