// Noise on virtual time: rows that always fail, random faults, errors that are faster than answers.
// Noise is not an outage, so it must not delay a job.
#include "law/run.hpp"
#include "model/fault_table.hpp"
#include "support/catch.hpp"
#include "support/seeds.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace skein::law {
namespace {

Scene noisy(Sequence rows, std::size_t in_flight, Duration fast, Duration slow) {
    Scene scene{.places = {{.name = "only", .room = in_flight, .fast = fast, .typical = slow}}};
    scene.in_flight = in_flight;
    scene.requests = rows;
    scene.settings.window = 20'000;
    scene.settings.time = 30min;
    scene.settings.spares = true;
    scene.settings.same_refusals = 20;
    return scene;
}

// Ideal time: all attempts of a client that only retries failed requests.
Duration ideal(const Scene& scene) {
    Duration work{};
    for (Sequence seq = 0; seq < scene.requests; ++seq) {
        for (int number = 1; number <= scene.settings.retry.attempts; ++number) {
            const auto answer = answer_to(scene, seq, number, 0, dawn);
            work += answer.latency;
            const auto* fault = std::get_if<Fault>(&answer.result.outcome);
            if (!fault || !is_retryable(fault->kind)) break;
        }
    }
    return work / static_cast<Duration::rep>(scene.in_flight);
}

struct Result {
    Run run;
    double took;
    double ideal;
    std::map<std::string, std::size_t> outcomes;
    std::map<Sequence, int> asked;
};

Result result_of(const Scene& scene) {
    using Seconds = std::chrono::duration<double>;
    Result result{run_dispatcher(scene), 0, Seconds{ideal(scene)}.count(), {}, {}};
    REQUIRE(broken_law(scene, result.run) == "");
    result.took = Seconds{result.run.delivered.back().when - dawn}.count();
    for (const auto& d : result.run.delivered) {
        ++result.outcomes[d.outcome];
        result.asked[d.seq] = d.attempts;
    }
    return result;
}

// Tail of a job: the pauses of a row that first fails at the very end, at most 0.5 + 1 + 2 s, or
// 1 + 2 + 4 s after push-backs, plus its answers.
double bound(const Scene& scene, bool is_pushed_back) {
    return (is_pushed_back ? 9 : 3.5) +
           4 * std::chrono::duration<double>(scene.places[0].typical).count();
}

TEST_CASE("Rows that always fail cost their attempts and delay no other row.", "[law]") {
    for (const auto share : {0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5}) {
        for (const auto kind :
             {FaultKind::server_error,
              FaultKind::overloaded,
              FaultKind::bad_response,
              FaultKind::connection_lost,
              FaultKind::incomplete_stream,
              FaultKind::timeout_first_byte}) {
            for (std::uint64_t seed = 1; seed <= 3; ++seed) {
                auto scene = noisy(2000, 32, 50ms, 51ms);
                scene.seed = scene.settings.retry.seed = seed;
                scene.places[0].poisons = share;
                scene.places[0].poison = kind;
                CAPTURE(share, to_string(kind), seed);
                const auto result = result_of(scene);
                CAPTURE(result.took, result.ideal);
                CHECK(
                    result.took <=
                    1.3 * result.ideal + bound(scene, row_of(kind).pace == Pace::throttled)
                );
                for (const auto& [seq, asked] : result.asked) {
                    REQUIRE(asked <= scene.settings.retry.attempts);
                    if (!is_poison(scene, seq, 0)) REQUIRE(asked == 1);
                }
                for (const auto& [outcome, count] : result.outcomes) {
                    CHECK((outcome == "completed" || outcome == to_string(kind)));
                }
            }
        }
    }
}

TEST_CASE("Push-backs that do not depend on load leave all places in use.", "[law]") {
    for (const auto kind : {FaultKind::overloaded, FaultKind::throttled, FaultKind::server_error}) {
        for (const auto share : {0.001, 0.01, 0.04, 0.1, 0.2, 0.3}) {
            for (std::uint64_t seed = 1; seed <= 3; ++seed) {
                auto scene = noisy(4000, 64, 200ms, 210ms);
                scene.seed = scene.settings.retry.seed = seed;
                scene.places[0].noise = share;
                scene.places[0].noise_kind = kind;
                CAPTURE(share, to_string(kind), seed);
                const auto result = result_of(scene);
                CAPTURE(result.took, result.ideal);
                CHECK(
                    result.took <=
                    1.15 * result.ideal + bound(scene, row_of(kind).pace == Pace::throttled)
                );
                // A row is lost when it fails four times by chance.
                const auto lost = 4000 - result.outcomes.at("completed");
                CHECK(static_cast<double>(lost) <= 4000 * std::pow(share, 4) * 2 + 5);
                if (kind == FaultKind::throttled) CHECK(lost == 0);
            }
        }
    }
}

TEST_CASE("Random errors that are faster than answers open no circuit.", "[law]") {
    for (const auto share : {0.02, 0.1, 0.3}) {
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            auto scene = noisy(5000, 200, 200ms, 2s);
            scene.seed = scene.settings.retry.seed = seed;
            scene.places[0].noise = share;
            scene.places[0].noise_kind = FaultKind::server_error;
            CAPTURE(share, seed);
            const auto result = result_of(scene);
            CAPTURE(result.took, result.ideal);
            CHECK(result.took <= 1.15 * result.ideal + bound(scene, false));
        }
    }
}

TEST_CASE("One push-back in a hundred attempts does not slow down a job of 20,000 rows.", "[law]") {
    auto scene = noisy(20'000, 500, 1990ms, 2010ms);
    scene.places[0].noise = 0.01;
    scene.places[0].noise_kind = FaultKind::overloaded;
    const auto result = result_of(scene);
    CAPTURE(result.took, result.ideal);
    CHECK(result.took <= 1.1 * result.ideal + 2);
}

constexpr auto row_time = 30s;

// A noisy endpoint, alone or beside another one: as good as it, of a later tier, or a worker on
// this machine.
Scene any_noise(std::uint64_t seed) {
    SplitMix rng{mix(seed, 0x0153)};
    const auto rows = static_cast<Sequence>(one_of(rng, {200, 1000, 3000}));
    const auto in_flight = static_cast<std::size_t>(one_of(rng, {8, 32, 128}));
    const auto slow = std::chrono::milliseconds{static_cast<int>(one_of(rng, {51, 210, 1000}))};
    auto scene = noisy(rows, in_flight, rng.unit() < 0.5 ? slow / 10 : slow - 1ms, slow);
    scene.seed = scene.settings.retry.seed = seed;
    scene.settings.time = row_time;
    make_noisy(scene.places[0], rng);
    // If half of the rows failed, a slower endpoint would rightly get the work.
    scene.places[0].poisons = std::min(scene.places[0].poisons, 0.1);
    if (rng.unit() < 0.25) return scene;
    auto other = scene.places[0];
    other.name = "other";
    if (rng.unit() < 0.3) {
        other = {.name = "worker", .tier = 9, .room = 4, .fast = slow / 2, .typical = slow};
        other.is_local = true;
        scene.settings.local = LocalCapabilities{};
        other.after = 1s;
        other.lives = {{.from = dawn + between(rng, 0s, 5s)}};
    } else {
        other.tier = rng.unit() < 0.5 ? 0 : 1;
        if (rng.unit() < 0.5) other.noise = 0;
    }
    scene.places.push_back(std::move(other));
    return scene;
}

bool can_meet(const Scene& scene, FaultKind kind) {
    return std::ranges::any_of(scene.places, [&](const auto& place) {
        return (place.poisons > 0 && place.poison.value_or(kind) == kind) ||
               (place.noise > 0 && place.noise_kind.value_or(kind) == kind);
    });
}

TEST_CASE(
    "A job with any noise and any endpoints takes little longer than its attempts.", "[law]"
) {
    const auto [first, last] = seeds_of("LAW", 2000);
    for (auto seed = first; seed < last; seed += 10) {
        const auto scene = any_noise(seed);
        const auto result = result_of(scene);
        CAPTURE(seed, result.took, result.ideal);
        // A row that is always told to wait, is never sent, or always finds its model loading waits
        // for its whole time limit.
        const bool waits = can_meet(scene, FaultKind::throttled) ||
                           can_meet(scene, FaultKind::connect) ||
                           can_meet(scene, FaultKind::not_ready);
        CHECK(!result.outcomes.contains("no_endpoint"));
        const double more = waits ? std::chrono::duration<double>(row_time).count() : 0;
        CHECK(result.took <= 1.3 * result.ideal + bound(scene, true) + more);
    }
}

TEST_CASE("An endpoint that has never answered is given up after limits.first_answer.", "[law]") {
    for (const auto requests : {1, 5, 1319}) {
        auto scene = noisy(static_cast<Sequence>(requests), 64, 200ms, 300ms);
        scene.places[0].down_from = dawn;
        scene.places[0].first_answer = 30s;
        const auto run = run_dispatcher(scene);
        REQUIRE(broken_law(scene, run) == "");
        CHECK(run.delivered.back().when >= dawn + 30s);
        CHECK(run.delivered.back().when <= dawn + 40s);
        CHECK(std::ranges::all_of(run.delivered, [](const auto& d) {
            return d.outcome == "no_endpoint";
        }));
    }
}

TEST_CASE(
    "A server that accepts and never answers is given up, though the deadline of each request ends "
    "its attempt first.",
    "[law]"
) {
    for (const auto requests : {8, 1319}) {
        auto scene = noisy(static_cast<Sequence>(requests), 64, 1h, 2h);
        scene.settings.time = 20s;
        scene.places[0].first_answer = 30s;
        const auto run = run_dispatcher(scene);
        REQUIRE(broken_law(scene, run) == "");
        CHECK(run.delivered.back().when <= dawn + 45s);
        CHECK(std::ranges::all_of(run.delivered, [](const auto& d) {
            return d.outcome == "no_endpoint";
        }));
    }
}

TEST_CASE("An outage that is longer than a request may take leaves its rows undone.", "[law]") {
    auto scene = noisy(2000, 64, 200ms, 300ms);
    scene.settings.time = 60s;
    scene.places[0].max_outage = 60s;
    scene.places[0].down_from = dawn + 2s;
    const auto run = run_dispatcher(scene);
    REQUIRE(broken_law(scene, run) == "");
    CHECK(run.delivered.back().when <= dawn + 80s);
    for (const auto& d : run.delivered) {
        const bool is_undone =
            d.outcome == "no_endpoint" || (d.outcome == "deadline" && d.maybe_executed == 0);
        REQUIRE((d.outcome == "completed" || is_undone));
    }
}

}  // namespace
}  // namespace skein::law
