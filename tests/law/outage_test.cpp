// Outages on virtual time: their cost in attempts, and the time until normal throughput returns.
#include "law/run.hpp"
#include "support/catch.hpp"

#include <algorithm>

namespace skein::law {
namespace {

Scene one_endpoint(Sequence requests, std::size_t in_flight) {
    Scene scene{.places = {{.name = "only", .room = in_flight, .fast = 100ms, .typical = 200ms}}};
    scene.in_flight = in_flight;
    scene.requests = requests;
    scene.settings.window = 5000;
    return scene;
}

std::ptrdiff_t started_between(const Run& run, TimePoint from, TimePoint until) {
    return std::ranges::count_if(run.started, [&](const auto& s) {
        return s.when >= from && s.when < until;
    });
}

TEST_CASE(
    "An outage of a minute costs the attempts in flight, 35 retries, a few probes and no row.",
    "[law]"
) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        auto scene = one_endpoint(10'000, 64);
        scene.seed = scene.settings.retry.seed = seed;
        const auto down = dawn + 5s, up = down + 60s;
        scene.places[0].down_from = down;
        scene.places[0].down_until = up;
        const auto run = run_dispatcher(scene);
        REQUIRE(broken_law(scene, run) == "");
        const auto retries = std::ranges::count_if(run.started, [&](const auto& s) {
            return s.number > 1 && s.when >= down && s.when < up;
        });
        CHECK(retries <= 35 + 20);
        CHECK(started_between(run, down + 1s, up) <= 20);
        CHECK(started_between(run, down, up) <= 2 * 64 + 35 + 20);
        CHECK(std::ranges::all_of(run.delivered, [](const auto& d) {
            return d.outcome == "completed";
        }));
        // Normal throughput is 420 a second: 2,100 before the outage, and 7,900 after it in 19 s.
        // The return is noticed after a quarter of the outage, at most a fifth later.
        CHECK(run.delivered.back().when < up + 18s + 19s + 5s);
    }
}

TEST_CASE(
    "A server that loads its model for three minutes costs a few attempts and no row.", "[law]"
) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        auto scene = one_endpoint(10'000, 64);
        scene.seed = scene.settings.retry.seed = seed;
        scene.places[0].loads_until = dawn + 3min;
        const auto run = run_dispatcher(scene);
        REQUIRE(broken_law(scene, run) == "");
        CHECK(started_between(run, dawn, dawn + 3min) <= 2 * 64 + 35 + 20);
        CHECK(std::ranges::all_of(run.delivered, [](const auto& d) {
            return d.outcome == "completed";
        }));
    }
}

TEST_CASE(
    "An endpoint that answers every attempt with 503 is treated like one that is gone.", "[law]"
) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        auto scene = one_endpoint(10'000, 64);
        scene.seed = scene.settings.retry.seed = seed;
        scene.places[0].busy_from = dawn + 5s;
        scene.places[0].busy_until = dawn + 65s;
        const auto run = run_dispatcher(scene);
        REQUIRE(broken_law(scene, run) == "");
        CHECK(started_between(run, dawn + 6s, dawn + 65s) <= 20);
        CHECK(started_between(run, dawn + 5s, dawn + 65s) <= 8 * 64 + 35 + 20);
        CHECK(run.delivered.back().when < dawn + 65s + 18s + 19s + 5s);
    }
}

TEST_CASE("An outage of one of two endpoints for a minute costs little time.", "[law]") {
    auto scene = one_endpoint(20'000, 64);
    scene.places.push_back(scene.places.front());
    scene.places[1].name = "other";
    scene.places[0].down_from = dawn + 5s;
    scene.places[0].down_until = dawn + 65s;
    const auto run = run_dispatcher(scene);
    REQUIRE(broken_law(scene, run) == "");
    CHECK(run.started.size() < 20'000 + 2 * 64 + 35 + 20);
    CHECK(run.delivered.back().when < dawn + 55s);  // 64 in flight, 150 ms each: 47 s.
}

TEST_CASE("An endpoint that is up for 5 s and down for 5 s serves 60 % of its capacity.", "[law]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        auto scene = one_endpoint(20'000, 64);
        scene.seed = scene.settings.retry.seed = seed;
        scene.places[0].flaps_every = 5s;
        const auto run = run_dispatcher(scene);
        REQUIRE(broken_law(scene, run) == "");
        const auto completed = std::ranges::count_if(run.delivered, [](const auto& d) {
            return d.outcome == "completed";
        });
        CHECK(completed > 19'980);
        // 64 in flight, 150 ms each, half of the time.
        const std::chrono::duration<double> took = run.delivered.back().when - dawn;
        CHECK(20'000 / took.count() > 0.6 * 64 / 0.15 / 2);
    }
}

}  // namespace
}  // namespace skein::law
