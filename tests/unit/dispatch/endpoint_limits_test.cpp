#include "dispatch/endpoint_limits.hpp"

#include "support/catch.hpp"

#include <vector>

namespace skein {
namespace {

using namespace std::chrono_literals;
using Turn = EndpointLimits::Turn;
const TimePoint noon{12h};

const Lesson success{.verdict = Verdict::healthy, .is_success = true};
const Lesson throttled{.pushed_back = true, .why = "429"};

Turn go(EndpointLimits& endpoint, TimePoint now, const Lesson& lesson) {
    return endpoint.leave(now, endpoint.enter(now, {}), lesson);
}

// How many may be there at once, now.
int places(EndpointLimits& endpoint, TimePoint now) {
    std::vector<Stay> stays;
    while (endpoint.ready_at(now, {}) <= now) stays.push_back(endpoint.enter(now, {}));
    for (const auto& stay : stays) endpoint.leave(now, stay, {});
    return static_cast<int>(stays.size());
}

TEST_CASE("who is pushed back comes with fewer at once, once in five seconds", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    CHECK(places(endpoint, noon) == 10);
    go(endpoint, noon, success);
    for (int i = 0; i < 9; ++i) go(endpoint, noon, throttled);
    CHECK(places(endpoint, noon) == 7);
    go(endpoint, noon + 5s, throttled);
    CHECK(places(endpoint, noon + 5s) == 4);
    CHECK(endpoint.is_well(noon + 5s));  // It is slow, not gone.
}

TEST_CASE("pushed back at its last place, an endpoint rests, longer each time", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 1, .seed = 5}};
    auto now = noon;
    Duration longest{};
    for (int i = 0; i < 6; ++i) {
        go(endpoint, now, throttled);
        const auto ready = endpoint.ready_at(now, {});
        CHECK(ready - now <= 1s * (1 << i));
        longest = std::max<Duration>(longest, ready - now);
        now = ready;
    }
    CHECK(longest > 2s);
    go(endpoint, now, success);
    go(endpoint, now, throttled);
    CHECK(endpoint.ready_at(now, {}) - now <= 1s);
}

TEST_CASE("an endpoint that sends everybody away from the first on rests at once", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 100, .seed = 5}};
    go(endpoint, noon, throttled);
    const auto ready = endpoint.ready_at(noon, {});
    CHECK(ready > noon);
    CHECK(ready <= noon + 1s);
    go(endpoint, ready, success);
    go(endpoint, ready, throttled);
    CHECK(endpoint.ready_at(ready, {}) == ready);  // It serves some.
}

TEST_CASE("a burst that is sent away is one round, and costs one short rest", "[endpoint]") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        EndpointLimits endpoint{{.name = "only", .places = 64, .seed = seed}};
        std::vector<Stay> burst;
        for (int i = 0; i < 64; ++i) burst.push_back(endpoint.enter(noon, {}));
        for (int i = 0; i < 56; ++i) {
            endpoint.leave(noon + 1ms * (i / 8), burst[static_cast<std::size_t>(i)], throttled);
        }
        CHECK(endpoint.ready_at(noon, {}) <= noon + 2s);
    }
}

TEST_CASE("what a server tells of its limits makes the next one wait, before a 429", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    auto lesson = success;
    lesson.news.requests = {.limit = 60, .remaining = 0, .reset = 60s, .refill = Refill::evenly};
    go(endpoint, noon, lesson);
    CHECK(endpoint.ready_at(noon, {}) >= noon + 1s);
    CHECK(endpoint.ready_at(noon, {}) <= noon + 1010ms);
    CHECK(endpoint.is_well(noon));

    EndpointLimits of_tokens{{.name = "only", .places = 10}};
    lesson.news = {
        .tokens = {.limit = 600, .remaining = 50, .reset = 55s, .refill = Refill::evenly}};
    go(of_tokens, noon, lesson);
    CHECK(of_tokens.ready_at(noon, {.tokens = 50}) == noon);
    CHECK(of_tokens.ready_at(noon, {.tokens = 60}) >= noon + 1s);
    CHECK(of_tokens.ready_at(noon, {.tokens = 60}) <= noon + 1010ms);
}

TEST_CASE("an endpoint whose day is used up is parked until the next", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    auto lesson = success;
    lesson.news.requests = {.limit = 1000, .remaining = 0, .reset = 10h};
    go(endpoint, noon, lesson);
    CHECK(!endpoint.is_well(noon));
    CHECK(!endpoint.is_well(noon + 10h - 1ns));  // Also when it is nearly over.
    CHECK(endpoint.is_well(noon + 10h));
    CHECK(endpoint.opens_at(noon) == noon + 10h);
}

TEST_CASE("an endpoint that is back after an outage is asked slowly at first", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 16}};
    for (int i = 0; i < 5; ++i) go(endpoint, noon, {.verdict = Verdict::unhealthy});
    CHECK(endpoint.takes_probes());
    CHECK(endpoint.ready_at(noon, {}) == never);
    const auto now = endpoint.ready_for_probe_at(noon, {});
    CHECK(go(endpoint, now, success) == Turn::none);
    CHECK(go(endpoint, now, success) == Turn::none);
    CHECK(go(endpoint, now, success) == Turn::closed);
    CHECK(!endpoint.takes_probes());
    CHECK(places(endpoint, now) == 1);
    go(endpoint, now, success);
    CHECK(places(endpoint, now) == 2);
}

TEST_CASE("a probe is free, and neither waits for the quota nor is refunded by it", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 64}};
    for (int i = 0; i < 35; ++i) endpoint.leave(noon, endpoint.enter(noon, {.retry_cost = 14}), {});
    CHECK(endpoint.ready_at(noon, {.retry_cost = 14}) == never);
    CHECK(!endpoint.can_spare());
    for (int i = 0; i < 5; ++i) go(endpoint, noon, {.verdict = Verdict::unhealthy});
    const auto now = endpoint.ready_for_probe_at(noon, {.retry_cost = 14});
    CHECK(now != never);
    const auto stay = endpoint.enter(now, {.retry_cost = 14});
    CHECK(stay.is_probe);
    CHECK(stay.paid.retry_cost == 0);
    endpoint.leave(now, stay, success);
    CHECK(!endpoint.can_pay(14));
}

TEST_CASE("a worker is asked for nothing unless it is there", "[endpoint]") {
    EndpointLimits worker{{.name = "local", .places = 4, .is_local = true}};
    CHECK(!worker.is_well(noon));
    CHECK(worker.ready_at(noon, {}) == never);
    CHECK(worker.ready_for_probe_at(noon, {}) == never);
    CHECK(worker.opens_at(noon) == noon);  // It may come at any moment.
    worker.appear();
    CHECK(worker.is_well(noon));
    CHECK(worker.ready_at(noon, {}) == noon);
    for (int i = 0; i < 5; ++i) go(worker, noon, {.verdict = Verdict::unhealthy});
    CHECK(worker.takes_probes());
    worker.vanish();
    CHECK(!worker.takes_probes());
    CHECK(worker.ready_for_probe_at(noon + 1h, {}) == never);
    worker.appear();
    CHECK(!worker.takes_probes());
    CHECK(places(worker, noon) == 4);
}

TEST_CASE("a worker goes with the one who died there, unless another one came", "[endpoint]") {
    const Lesson death{.effect = Effect::vanish};
    EndpointLimits worker{{.name = "local", .places = 4, .is_local = true}};
    worker.appear();
    const auto first = worker.enter(noon, {}), second = worker.enter(noon, {});
    CHECK(worker.leave(noon, first, death) == Turn::none);
    CHECK(!worker.is_well(noon));
    CHECK(worker.shut().empty());
    worker.appear();
    worker.leave(noon, second, death);
    CHECK(worker.is_well(noon));
    go(worker, noon, death);
    CHECK(!worker.is_well(noon));
}

TEST_CASE("a worker that was given up stays so, for the reason it was", "[endpoint]") {
    EndpointLimits worker{{.name = "local", .places = 4, .is_local = true}};
    worker.appear();
    worker.shut("why");
    worker.shut("and again");
    CHECK(worker.shut() == "why");
    CHECK(worker.opens_at(noon) == never);
    worker.appear();
    CHECK(!worker.is_well(noon));
    CHECK(worker.ready_at(noon, {}) == never);
}

TEST_CASE("an endpoint knows since when it is away, and whether for long", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 16}};
    go(endpoint, noon, {.verdict = Verdict::unhealthy});
    CHECK(!endpoint.is_failing(noon));
    go(endpoint, noon, {.verdict = Verdict::unhealthy});
    CHECK(endpoint.is_failing(noon));
    CHECK(endpoint.is_well(noon));
    for (int i = 0; i < 3; ++i) go(endpoint, noon, {.verdict = Verdict::unhealthy});
    CHECK(endpoint.away_since(noon) == noon);
    const auto now = endpoint.ready_for_probe_at(noon, {});
    go(endpoint, now, {.verdict = Verdict::unhealthy});
    CHECK(endpoint.is_failing(now));
    CHECK(endpoint.away_since(now) == noon);  // Since the first time.

    EndpointLimits parked{{.name = "parked", .places = 16}};
    go(parked, noon, {.pause = 10min});
    CHECK(parked.is_failing(noon));
    CHECK(parked.away_since(noon) == TimePoint::min());
    CHECK(parked.is_well(noon + 11min));

    go(endpoint, endpoint.ready_for_probe_at(now, {}), {.effect = Effect::close, .why = "401"});
    CHECK(endpoint.away_since(now) == TimePoint::min());
}

TEST_CASE("an answer is late when nineteen of twenty would have begun", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 64}};
    auto lesson = success;
    for (int i = 1; i <= 19; ++i) {
        lesson.first_byte = 100ms * i;
        go(endpoint, noon, lesson);
    }
    CHECK(!endpoint.late_after());
    lesson.first_byte = 2s;
    go(endpoint, noon, lesson);
    REQUIRE(endpoint.late_after());
    CHECK(*endpoint.late_after() > 1800ms);
    CHECK(*endpoint.late_after() < 2050ms);

    EndpointLimits fast{{.name = "fast", .places = 64}};
    lesson.first_byte = 1ms;
    for (int i = 0; i < 20; ++i) go(fast, noon, lesson);
    CHECK(fast.late_after() == 1s);
}

TEST_CASE(
    "each time in a row that one is sent away makes the endpoint a worse choice", "[endpoint]"
) {
    EndpointLimits weary{{.name = "weary", .places = 8, .push_back = {200ms, 1s}}};
    EndpointLimits well{{.name = "well", .places = 8}};
    auto lesson = success;
    lesson.first_byte = 1s;  // It had a bad moment.
    go(well, noon, lesson);
    int times = 0;
    for (; weary.load(noon) < well.load(noon) && times < 100; ++times) go(weary, noon, throttled);
    CHECK(times < 8);
    go(weary, noon, success);
    CHECK(weary.load(noon) < well.load(noon));
}

TEST_CASE("a timeout says that an answer takes at least as long", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 64}};
    auto lesson = success;
    lesson.first_byte = 100ms;
    go(endpoint, noon, lesson);
    const auto before = endpoint.load(noon);
    const auto stay = endpoint.enter(noon, {});
    endpoint.leave(noon + 60s, stay, {.verdict = Verdict::unhealthy, .waited_in_vain = true});
    CHECK(endpoint.load(noon + 60s) > 100 * before);
}

}  // namespace
}  // namespace skein
