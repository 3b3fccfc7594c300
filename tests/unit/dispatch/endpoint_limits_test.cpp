#include "dispatch/endpoint_limits.hpp"

#include "support/catch.hpp"

#include <vector>

namespace skein {
namespace {

using namespace std::chrono_literals;
using Turn = EndpointLimits::Turn;
const TimePoint noon{12h};

const EndpointFeedback success{.verdict = Verdict::healthy, .is_success = true};
const EndpointFeedback throttled{.pushed_back = true, .why = "429"};

Turn go(EndpointLimits& endpoint, TimePoint now, const EndpointFeedback& feedback) {
    return endpoint.leave(now, endpoint.enter(now, {}), feedback);
}

// How many may be there at once, now.
int places(EndpointLimits& endpoint, TimePoint now) {
    std::vector<EndpointPermit> permits;
    while (endpoint.ready_at(now, {}) <= now) permits.push_back(endpoint.enter(now, {}));
    for (const auto& permit : permits) endpoint.leave(now, permit, {});
    return static_cast<int>(permits.size());
}

TEST_CASE("An endpoint that pushes most attempts back gets fewer attempts at once.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    CHECK(places(endpoint, noon) == 10);
    go(endpoint, noon, success);
    auto turn = Turn::none;
    std::vector<EndpointPermit> burst;
    for (int i = 0; i < 10; ++i) burst.push_back(endpoint.enter(noon, {}));
    for (const auto& permit : burst) {
        const auto one = endpoint.leave(noon + 1ms, permit, throttled);
        if (one != Turn::none) turn = one;
    }
    CHECK(turn == Turn::cut);
    CHECK(places(endpoint, noon + 1s) < 10);
    CHECK(endpoint.is_well(noon + 1s));  // It is slow, not gone.
}

TEST_CASE("Push-backs of an exhausted rate limit do not reduce the concurrency.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    go(endpoint, noon, success);
    auto used_up = throttled;
    used_up.news.requests = {.limit = 60, .remaining = 0, .reset = 60s, .refill = Refill::evenly};
    std::vector<EndpointPermit> burst;
    for (int i = 0; i < 10; ++i) burst.push_back(endpoint.enter(noon, {}));
    for (const auto& permit : burst) CHECK(endpoint.leave(noon, permit, used_up) == Turn::none);
}

TEST_CASE("Push-backs of retries alone do not reduce the concurrency.") {
    EndpointLimits endpoint{{.name = "only", .places = 2}};
    const AttemptCost again{.failed_at = noon - 1s, .last_failed_at = noon - 1s};
    for (int i = 0; i < 20; ++i) {
        CHECK(go(endpoint, noon, success) == Turn::none);
        for (int retry = 0; retry < 3; ++retry) {
            CHECK(endpoint.leave(noon, endpoint.enter(noon, again), throttled) == Turn::none);
        }
    }
}

TEST_CASE(
    "A request that fails again while others are served is no evidence against the endpoint.",
    "[endpoint]"
) {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    go(endpoint, noon, success);
    const EndpointFeedback fails{.verdict = Verdict::unhealthy};
    const AttemptCost again{.failed_at = noon - 1s};  // And the one above was answered since.
    for (int i = 0; i < 100; ++i) endpoint.leave(noon, endpoint.enter(noon, again), fails);
    CHECK(endpoint.is_well(noon));
    for (int i = 0; i < 20; ++i) go(endpoint, noon, success);
    int firsts = 0;
    for (; endpoint.is_well(noon); ++firsts) go(endpoint, noon, fails);
    CHECK(firsts <= 10);
}

TEST_CASE(
    "An endpoint that answers some requests does not open its circuit for push-backs.", "[endpoint]"
) {
    const EndpointFeedback busy{.verdict = Verdict::unhealthy, .pushed_back = true};
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    go(endpoint, noon, success);
    for (int i = 0; i < 4; ++i) go(endpoint, noon, busy);
    CHECK(endpoint.is_well(noon));
    EndpointLimits gone{{.name = "gone", .places = 10}};  // It never served anything.
    for (int i = 0; i < 5; ++i) go(gone, noon, busy);
    CHECK(!gone.is_well(noon));
}

TEST_CASE(
    "An endpoint without any sign of life is given up after limits.first_answer.", "[endpoint]"
) {
    EndpointLimits endpoint{
        {.name = "only", .places = 10, .address = "http://127.0.0.1:1/v1", .first_answer = 30s}};
    CHECK(endpoint.gives_up_at() == never);
    const EndpointFeedback refused{.verdict = Verdict::unhealthy, .why = "connect (refused)"};
    for (int i = 0; i < 5; ++i) go(endpoint, noon + 1s * i, refused);
    CHECK(endpoint.gives_up_at() == noon + 30s);
    CHECK(
        endpoint.why_given_up() ==
        "never answered in 5 attempts and 30.0 s (limits.first_answer), last: connect (refused); "
        "does a server run at http://127.0.0.1:1/v1, and is that the right address?"
    );
    const auto now = endpoint.ready_for_probe_at(noon + 10s, {});
    go(endpoint, now, {.verdict = Verdict::unhealthy, .is_sign_of_life = true});
    CHECK(endpoint.gives_up_at() == never);  // No bound was set for an outage.
}

TEST_CASE(
    "An endpoint that is away for longer than a request may take is given up.", "[endpoint]"
) {
    EndpointLimits endpoint{{.name = "only", .places = 10, .first_answer = 1s, .max_outage = 60s}};
    auto alive = success;
    alive.is_sign_of_life = true;
    go(endpoint, noon, alive);
    const EndpointFeedback refused{.verdict = Verdict::unhealthy, .why = "connect (refused)"};
    while (endpoint.is_well(noon)) go(endpoint, noon, refused);
    CHECK(endpoint.gives_up_at() == noon + 60s);
    CHECK(endpoint.why_given_up().starts_with("has answered nothing for 60.0 s"));
}

TEST_CASE("A Retry-After is waited for even beyond the time limit of a request.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10, .max_outage = 60s}};
    const EndpointFeedback later{
        .pushed_back = true, .is_in_vain = true, .is_sign_of_life = true, .pause = 90s};
    go(endpoint, noon, later);
    CHECK(endpoint.gives_up_at() == never);
    const auto now = endpoint.ready_at(noon, {});
    CHECK(now >= noon + 90s);
    CHECK(endpoint.gives_up_at() == never);
    go(endpoint, now, later);  // The same again, after longer than a request may take.
    CHECK(endpoint.gives_up_at() == now);
    go(endpoint, now + 100s, success);
    CHECK(endpoint.gives_up_at() == never);
}

TEST_CASE("An endpoint that has answered is not closed by five refusals in a row.", "[endpoint]") {
    const EndpointFeedback refusal{.effect = Effect::close_in_a_row, .why = "forbidden"};
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    go(endpoint, noon, success);
    for (int i = 0; i < 100; ++i) CHECK(go(endpoint, noon, refusal) == Turn::none);
    EndpointLimits other{{.name = "other", .places = 10}};
    for (int i = 0; i < 4; ++i) CHECK(go(other, noon, refusal) == Turn::none);
    CHECK(go(other, noon, refusal) == Turn::shut);
}

TEST_CASE(
    "An endpoint that answers only 404 is closed, and the message names its address.", "[endpoint]"
) {
    const EndpointFeedback not_found{
        .effect = Effect::close_in_a_row, .is_wrong_address = true, .why = "not_found (HTTP 404)"};
    EndpointLimits endpoint{
        {.name = "only",
         .places = 10,
         .address = "http://127.0.0.1:8000/x",
         .address_advice = "try http://127.0.0.1:8000/v1"}};
    for (int i = 0; i < 5; ++i) go(endpoint, noon, not_found);
    CHECK(
        endpoint.shut() ==
        "not_found (HTTP 404); is http://127.0.0.1:8000/x the right address? Nothing was answered "
        "there; try http://127.0.0.1:8000/v1"
    );
}

TEST_CASE("An endpoint that waits for a rate of its settings names the rate.", "[endpoint]") {
    const auto waits_for = [](EndpointSettings settings) {
        settings.name = "only";
        settings.places = 10;
        settings.rates_empty_at = noon;
        EndpointLimits endpoint{settings};
        const AttemptCost cost{.tokens = {.all = 40, .input = 10, .output = 30}};
        const auto begin = endpoint.ready_at(noon, cost);
        endpoint.enter(begin, cost);
        return endpoint.waits_for(begin);
    };
    CHECK(waits_for({}) == "");
    CHECK(waits_for({.rpm = 60}) == "rpm, 1.0 s left");
    CHECK(waits_for({.tpm = 600}) == "tpm, 3.1 s left");
    CHECK(waits_for({.tpm = 6000, .input_tpm = 60}) == "input_tpm, 10.0 s left");
    CHECK(waits_for({.rpm = 60, .output_tpm = 600}) == "output_tpm, 2.1 s left");
}

TEST_CASE("A push-back at a used-up limit of answers is no sign of too many.", "[endpoint]") {
    const BucketNews used_up{.limit = 60, .remaining = 0, .reset = 60s, .refill = Refill::evenly};
    for (const bool of_prompts : {true, false}) {
        EndpointLimits endpoint{{.name = "only", .places = 16}};
        go(endpoint, noon, success);
        std::vector<EndpointPermit> burst;
        for (int i = 0; i < 16; ++i) burst.push_back(endpoint.enter(noon + 1s, {}));
        EndpointFeedback pushed{.pushed_back = true};
        (of_prompts ? pushed.news.input_tokens : pushed.news.output_tokens) = used_up;
        for (const auto& permit : burst) endpoint.leave(noon + 2s, permit, pushed);
        CHECK(endpoint.adaptive().places() == 16);
        CHECK(endpoint.rests_until(noon + 2s) > noon + 2s);
    }
}

TEST_CASE("A worker that runs a request alone takes no other request.", "[endpoint]") {
    EndpointLimits worker{{.name = "local", .places = 4, .is_local = true}};
    worker.appear();
    CHECK(worker.is_idle());
    const auto permit = worker.enter(noon, {.alone = true});
    CHECK(worker.is_for_one_alone());
    CHECK(!worker.is_idle());
    worker.leave(noon, permit, success);
    CHECK(!worker.is_for_one_alone());
}

TEST_CASE(
    "An endpoint that pushes back at its last place is paused, longer each time.", "[endpoint]"
) {
    EndpointLimits endpoint{{.name = "only", .places = 1, .seed = 5}};
    auto now = noon;
    Duration max_length{};
    for (int i = 0; i < 6; ++i) {
        go(endpoint, now, throttled);
        const auto ready = endpoint.ready_at(now, {});
        CHECK(ready - now <= 1s * (1 << i));
        max_length = std::max<Duration>(max_length, ready - now);
        now = ready;
    }
    CHECK(max_length > 2s);
    go(endpoint, now, success);
    go(endpoint, now, throttled);
    CHECK(endpoint.ready_at(now, {}) - now <= 1s);
}

TEST_CASE("An endpoint that pushes back before its first answer is paused at once.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 100, .seed = 5}};
    go(endpoint, noon, throttled);
    const auto ready = endpoint.ready_at(noon, {});
    CHECK(ready > noon);
    CHECK(ready <= noon + 1s);
    go(endpoint, ready, success);
    go(endpoint, ready, throttled);
    CHECK(endpoint.ready_at(ready, {}) == ready);  // It serves some.
}

TEST_CASE(
    "An endpoint that is busy from the start is probed after a quarter of its outage.", "[endpoint]"
) {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    const EndpointFeedback busy{.verdict = Verdict::unhealthy, .pushed_back = true, .why = "503"};
    auto now = noon;
    while (now < noon + 10min) {
        const bool is_probe = endpoint.takes_probes();
        const auto ready =
            is_probe ? endpoint.ready_for_probe_at(now, {}) : endpoint.ready_at(now, {});
        if (is_probe && now > noon + 1min) {
            const auto quarter = (now - endpoint.breaker().away_since()) / 4;
            CHECK(ready <= now + std::clamp<Duration>(quarter, 1s, 1min) * 12 / 10);
        }
        now = std::max(now, ready);
        endpoint.leave(now + 1ms, endpoint.enter(now, {}), busy);
        now += 1ms;
    }
}

TEST_CASE("A burst of push-backs counts as one round and costs one short pause.", "[endpoint]") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        EndpointLimits endpoint{{.name = "only", .places = 64, .seed = seed}};
        std::vector<EndpointPermit> burst;
        for (int i = 0; i < 64; ++i) burst.push_back(endpoint.enter(noon, {}));
        for (int i = 0; i < 56; ++i) {
            endpoint.leave(noon + 1ms * (i / 8), burst[static_cast<std::size_t>(i)], throttled);
        }
        CHECK(endpoint.ready_at(noon, {}) <= noon + 2s);
    }
}

TEST_CASE("A reported rate limit makes the next attempt wait before a 429 comes.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    auto feedback = success;
    feedback.news.requests = {.limit = 60, .remaining = 0, .reset = 60s, .refill = Refill::evenly};
    go(endpoint, noon, feedback);
    CHECK(endpoint.ready_at(noon, {}) >= noon + 1s);
    CHECK(endpoint.ready_at(noon, {}) <= noon + 1010ms);
    CHECK(endpoint.is_well(noon));

    EndpointLimits of_tokens{{.name = "only", .places = 10}};
    feedback.news = {
        .tokens = {.limit = 600, .remaining = 50, .reset = 55s, .refill = Refill::evenly}};
    go(of_tokens, noon, feedback);
    CHECK(of_tokens.ready_at(noon, {.tokens = {.all = 50}}) == noon);
    CHECK(of_tokens.ready_at(noon, {.tokens = {.all = 60}}) >= noon + 1s);
    CHECK(of_tokens.ready_at(noon, {.tokens = {.all = 60}}) <= noon + 1010ms);
}

TEST_CASE("An endpoint whose daily limit is used up is parked until its reset.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 10}};
    auto feedback = success;
    feedback.news.requests = {.limit = 1000, .remaining = 0, .reset = 10h};
    go(endpoint, noon, feedback);
    CHECK(!endpoint.is_well(noon));
    CHECK(!endpoint.is_well(noon + 10h - 1ns));  // Also when it is nearly over.
    CHECK(endpoint.is_well(noon + 10h));
    CHECK(endpoint.opens_at(noon) == noon + 10h);
}

TEST_CASE("An endpoint that is back after an outage starts with low concurrency.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 16}};
    for (int i = 0; i < 5; ++i) go(endpoint, noon, {.verdict = Verdict::unhealthy});
    CHECK(endpoint.takes_probes());
    CHECK(endpoint.ready_at(noon, {}) == never);
    const auto now = endpoint.ready_for_probe_at(noon, {});
    CHECK(go(endpoint, now, success) == Turn::closed);
    CHECK(!endpoint.takes_probes());
    CHECK(places(endpoint, now) == 1);
    go(endpoint, now, success);
    CHECK(places(endpoint, now) == 2);
}

TEST_CASE("A probe takes nothing from the retry quota and gets nothing back.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 64}};
    for (int i = 0; i < 35; ++i) endpoint.leave(noon, endpoint.enter(noon, {.retry_cost = 14}), {});
    CHECK(endpoint.ready_at(noon, {.retry_cost = 14}) == never);
    CHECK(!endpoint.can_spare());
    for (int i = 0; i < 5; ++i) go(endpoint, noon, {.verdict = Verdict::unhealthy});
    const auto now = endpoint.ready_for_probe_at(noon, {.retry_cost = 14});
    CHECK(now != never);
    const auto permit = endpoint.enter(now, {.retry_cost = 14});
    CHECK(permit.is_probe);
    CHECK(permit.paid.retry_cost == 0);
    endpoint.leave(now, permit, {});
    CHECK(!endpoint.can_pay(14));
}

TEST_CASE("A worker gets no attempt unless it is available.", "[endpoint]") {
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

TEST_CASE(
    "A worker's death makes it unavailable unless a successor is already there.", "[endpoint]"
) {
    const EndpointFeedback death{.effect = Effect::vanish};
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

TEST_CASE("A worker that was shut stays shut with its first reason.", "[endpoint]") {
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

TEST_CASE(
    "An endpoint reports the start of its outage, and whether it is shut or parked.", "[endpoint]"
) {
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

TEST_CASE("An answer is late after the 95th percentile of the time to first byte.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 64}};
    auto feedback = success;
    for (int i = 1; i <= 19; ++i) {
        feedback.first_byte = 100ms * i;
        go(endpoint, noon, feedback);
    }
    CHECK(!endpoint.late_after());
    feedback.first_byte = 2s;
    go(endpoint, noon, feedback);
    REQUIRE(endpoint.late_after());
    CHECK(*endpoint.late_after() > 1800ms);
    CHECK(*endpoint.late_after() < 2050ms);

    EndpointLimits fast{{.name = "fast", .places = 64}};
    feedback.first_byte = 1ms;
    for (int i = 0; i < 20; ++i) go(fast, noon, feedback);
    CHECK(fast.late_after() == 1s);
}

TEST_CASE("Each push-back in a row increases the load of the endpoint.", "[endpoint]") {
    EndpointLimits weary{{.name = "weary", .places = 8, .push_back = {200ms, 1s}}};
    EndpointLimits well{{.name = "well", .places = 8}};
    auto feedback = success;
    feedback.first_byte = 1s;  // It had a bad moment.
    go(well, noon, feedback);
    int times = 0;
    for (; weary.load(noon) < well.load(noon) && times < 100; ++times) go(weary, noon, throttled);
    CHECK(times < 8);
    go(weary, noon, success);
    CHECK(weary.load(noon) < well.load(noon));
}

TEST_CASE("A timeout counts as a time to first byte of at least that length.", "[endpoint]") {
    EndpointLimits endpoint{{.name = "only", .places = 64}};
    auto feedback = success;
    feedback.first_byte = 100ms;
    go(endpoint, noon, feedback);
    const auto before = endpoint.load(noon);
    const auto permit = endpoint.enter(noon, {});
    endpoint.leave(noon + 60s, permit, {.verdict = Verdict::unhealthy, .waited_in_vain = true});
    CHECK(endpoint.load(noon + 60s) > 100 * before);
}

}  // namespace
}  // namespace skein
