#include "crash/job.hpp"
#include "support/catch.hpp"
#include "support/seeds.hpp"

#include <string>

namespace skein::crash {
namespace {

std::string replay_of(std::uint64_t seed) {
    return "to see it again: SKEIN_CRASH_FIRST=" + std::to_string(seed) + " SKEIN_CRASH_SEEDS=1";
}

// A job of a few rows to one endpoint, which answers all of them.
Plan small_plan() {
    Plan plan{.seed = 7, .is_steady = true};
    plan.scene.places = {{.name = "main"}};
    plan.scene.in_flight = 3;
    plan.scene.requests = 12;
    return plan;
}

LifePlan fair_life(int number) {
    return {.is_fair = true, .seed = static_cast<std::uint64_t>(number)};
}

TEST_CASE("A job that is killed again and again asks no row twice and loses no reply.", "[crash]") {
    Told all;
    std::uint64_t steady = 0;
    const auto [first, last] = seeds_of("CRASH", 300);
    for (auto seed = first; seed < last; ++seed) {
        INFO(replay_of(seed));
        const auto plan = plan_of(seed);
        const auto told = tell_of_job(plan);
        REQUIRE(told.broken == "");
        all.crashes += told.crashes;
        all.power_cuts += told.power_cuts;
        all.failures += told.failures;
        all.stops += told.stops;
        all.again += told.again;
        all.lost += told.lost;
        if (!plan.is_steady) continue;
        ++steady;
        const auto undisturbed = tell_of_job_undisturbed(plan);
        REQUIRE(undisturbed.broken == "");
        const bool is_the_same = told.output == undisturbed.output;
        REQUIRE(is_the_same);
    }
    if (last - first < 100) return;
    const auto seeds = last - first;
    // The faults must have occurred often enough, or the test would prove nothing.
    CHECK(static_cast<std::uint64_t>(all.crashes) > seeds);
    CHECK(static_cast<std::uint64_t>(all.power_cuts) > seeds / 4);
    CHECK(static_cast<std::uint64_t>(all.failures) > seeds / 10);
    CHECK(static_cast<std::uint64_t>(all.stops) > seeds / 10);
    CHECK(all.again > seeds);
    CHECK(all.lost > seeds / 10);
    CHECK(steady > seeds / 8);
}

TEST_CASE("The same seed gives the same job.", "[crash]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        REQUIRE(tell_of_job(plan_of(seed)) == tell_of_job(plan_of(seed)));
    }
}

TEST_CASE(
    "A job that is killed in any call to the disk or at any step comes to the same result.",
    "[crash]"
) {
    for (const auto durability : {Output::Durability::interval, Output::Durability::each}) {
        auto plan = small_plan();
        plan.durability = durability;
        const auto undisturbed = tell_of_job(plan, fair_life);
        REQUIRE(undisturbed.broken == "");
        REQUIRE(undisturbed.calls > 20);
        for (int at = 1; at <= undisturbed.calls; ++at) {
            for (std::uint64_t seed = 1; seed <= 8; ++seed) {
                CAPTURE(at, seed);
                const auto told = tell_of_job(plan, [&](int number) {
                    if (number > 0) return fair_life(number);
                    return LifePlan{
                        .troubles = {.seed = seed, .crash_at = at},
                        .power_is_cut = seed % 2 == 0,
                        .seed = seed};
                });
                REQUIRE(told.broken == "");
                REQUIRE(told.crashes == 1);
                const bool is_the_same = told.output == undisturbed.output;
                REQUIRE(is_the_same);
            }
        }
    }
}

TEST_CASE(
    "A job whose call to the disk fails comes to the same result when it runs again.", "[crash]"
) {
    const auto plan = small_plan();
    const auto undisturbed = tell_of_job(plan, fair_life);
    for (int at = 1; at <= undisturbed.calls; ++at) {
        CAPTURE(at);
        const auto told = tell_of_job(plan, [&](int number) {
            if (number > 1) return fair_life(number);
            return LifePlan{
                .troubles = {.fails_at = number == 0 ? at : 0},
                .crash_at_step = number == 0 ? 0 : 5,
                .power_is_cut = true,
                .seed = 1};
        });
        REQUIRE(told.broken == "");
        const bool is_the_same = told.output == undisturbed.output;
        REQUIRE(is_the_same);
    }
}

}  // namespace
}  // namespace skein::crash
