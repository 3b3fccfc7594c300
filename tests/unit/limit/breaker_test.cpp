#include "limit/breaker.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <set>

namespace skein {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;
using Turn = CircuitBreaker::Turn;
const TimePoint noon{12h};

Turn go(CircuitBreaker& breaker, TimePoint now, Verdict verdict) {
    return breaker.leave(now, breaker.enter(now), verdict);
}

// Opens it, if it is closed, and tells until when.
TimePoint opened(CircuitBreaker& breaker, TimePoint now) {
    while (breaker.is_well()) go(breaker, now, Verdict::unhealthy);
    return breaker.ready_at(now);
}

// Lets three probes go well, one after the other.
void mend(CircuitBreaker& breaker, TimePoint now) {
    for (int i = 0; i < 3; ++i) go(breaker, now, Verdict::healthy);
}

TEST_CASE("five faults in a row open a circuit, and it is ready when its time is over", "[limit]") {
    CircuitBreaker breaker;
    for (int i = 0; i < 4; ++i) CHECK(go(breaker, noon, Verdict::unhealthy) == Turn::none);
    CHECK(go(breaker, noon, Verdict::healthy) == Turn::none);
    for (int i = 0; i < 4; ++i) CHECK(go(breaker, noon, Verdict::unhealthy) == Turn::none);
    CHECK(breaker.is_well());
    CHECK(breaker.ready_at(noon) == noon);
    CHECK(go(breaker, noon, Verdict::unhealthy) == Turn::opened);

    CHECK_FALSE(breaker.is_well());
    const auto when = breaker.ready_at(noon);
    CHECK(when >= noon + 800ms);
    CHECK(when <= noon + 1200ms);
    CHECK(breaker.ready_at(noon + 500ms) == when);
    CHECK(breaker.ready_at(when + 1h) == when + 1h);
    CHECK(breaker.state(when - 1ns) == State::open);
    CHECK(breaker.state(when) == State::half_open);
    CHECK(to_string(breaker.state(when)) == "half-open");
}

TEST_CASE("what says nothing of the endpoint neither opens a circuit nor saves it", "[limit]") {
    CircuitBreaker breaker;
    for (int i = 0; i < 100; ++i) go(breaker, noon, Verdict::neutral);
    CHECK(breaker.is_well());
    for (int i = 0; i < 4; ++i) go(breaker, noon, Verdict::unhealthy);
    go(breaker, noon, Verdict::neutral);
    CHECK(breaker.is_well());
    CHECK(go(breaker, noon, Verdict::unhealthy) == Turn::opened);
}

TEST_CASE("half of twenty in ten seconds open a circuit, also if never five in a row", "[limit]") {
    CircuitBreaker breaker;
    for (int i = 0; i < 9; ++i) {
        go(breaker, noon + i * 1s, Verdict::unhealthy);
        go(breaker, noon + i * 1s, Verdict::healthy);
    }
    CHECK(go(breaker, noon + 9s, Verdict::healthy) == Turn::none);
    CHECK(go(breaker, noon + 9s, Verdict::unhealthy) == Turn::opened);
}

TEST_CASE("a circuit forgets what ended more than ten seconds ago", "[limit]") {
    CircuitBreaker breaker;
    for (int i = 0; i < 60; ++i) {  // Always half of them, and never twenty in ten seconds.
        const auto now = noon + i * 1250ms;
        REQUIRE(go(breaker, now, Verdict::unhealthy) == Turn::none);
        REQUIRE(go(breaker, now, Verdict::healthy) == Turn::none);
    }
    CHECK(breaker.is_well());
}

TEST_CASE("fewer than half are borne for ever", "[limit]") {
    CircuitBreaker breaker;
    for (int i = 0; i < 1000; ++i) {
        go(breaker, noon + i * 10ms, i % 5 < 2 ? Verdict::unhealthy : Verdict::healthy);
    }
    CHECK(breaker.is_well());
}

TEST_CASE("a half-open circuit lets one probe through, and only one", "[limit]") {
    CircuitBreaker breaker;
    const auto when = opened(breaker, noon);
    const auto probe = breaker.enter(when);
    CHECK(breaker.ready_at(when) == never);
    CHECK(breaker.ready_at(when + 1h) == never);
    CHECK_FALSE(breaker.is_well());
    CHECK(breaker.leave(when + 1s, probe, Verdict::healthy) == Turn::none);
    CHECK(breaker.ready_at(when + 1s) == when + 1s);
}

TEST_CASE("three probes that go well close a circuit, one that does not opens it", "[limit]") {
    CircuitBreaker breaker;
    const auto when = opened(breaker, noon);
    CHECK(go(breaker, when, Verdict::healthy) == Turn::none);
    CHECK(go(breaker, when, Verdict::healthy) == Turn::none);
    CHECK(go(breaker, when, Verdict::unhealthy) == Turn::opened);

    const auto again = breaker.ready_at(when);
    CHECK(go(breaker, again, Verdict::healthy) == Turn::none);
    CHECK(go(breaker, again, Verdict::healthy) == Turn::none);
    CHECK_FALSE(breaker.is_well());
    CHECK(go(breaker, again, Verdict::healthy) == Turn::closed);
    CHECK(breaker.is_well());
    CHECK(breaker.ready_at(again) == again);
}

TEST_CASE("a probe of which nothing came gives its place to the next", "[limit]") {
    CircuitBreaker breaker;
    const auto when = opened(breaker, noon);
    for (int i = 0; i < 10; ++i) {
        CHECK(go(breaker, when, Verdict::neutral) == Turn::none);
        CHECK(breaker.ready_at(when) == when);
        CHECK(breaker.state(when) == State::half_open);
    }
    mend(breaker, when);
    CHECK(breaker.is_well());
}

TEST_CASE("what began before the last change of a circuit has no say in it", "[limit]") {
    CircuitBreaker breaker;
    const auto early = breaker.enter(noon);
    const auto other = breaker.enter(noon);
    const auto when = opened(breaker, noon);

    CHECK(breaker.leave(noon, early, Verdict::healthy) == Turn::none);
    CHECK(breaker.ready_at(noon) == when);

    const auto probe = breaker.enter(when);
    CHECK(breaker.leave(when, other, Verdict::unhealthy) == Turn::none);
    CHECK(breaker.ready_at(when) == never);  // The probe is still out.
    CHECK(breaker.state(when) == State::half_open);
    breaker.leave(when, probe, Verdict::healthy);
    mend(breaker, when);
    CHECK(breaker.is_well());
}

TEST_CASE("a closed circuit starts with a clean sheet", "[limit]") {
    CircuitBreaker breaker;
    mend(breaker, opened(breaker, noon));
    for (int i = 0; i < 4; ++i) go(breaker, noon + 10s, Verdict::unhealthy);
    CHECK(breaker.is_well());
}

TEST_CASE("a circuit stays open for a quarter of the time that the endpoint was away", "[limit]") {
    CircuitBreaker breaker{/*seed=*/7};
    auto when = opened(breaker, noon);
    int probes = 0;
    while (when < noon + 1h) {
        const auto away = when - noon;
        const auto pause = std::clamp<Duration>(away / 4, 1s, 1min);
        CHECK(go(breaker, when, Verdict::unhealthy) == Turn::opened);
        const auto next = breaker.ready_at(when);
        CHECK(next - when >= pause * 4 / 5);
        CHECK(next - when <= pause * 6 / 5);
        if (when < noon + 1min) ++probes;
        when = next;
    }
    CHECK(probes >= 12);
    CHECK(probes <= 20);
}

TEST_CASE("an endpoint that was back is away anew when it fails again", "[limit]") {
    CircuitBreaker breaker;
    auto when = opened(breaker, noon);
    while (when < noon + 10min) {
        go(breaker, when, Verdict::unhealthy);
        when = breaker.ready_at(when);
    }
    CHECK(breaker.outages() == 1);
    CHECK(breaker.away_since() == noon);
    mend(breaker, when);
    CHECK(opened(breaker, when) <= when + 1200ms);
    CHECK(breaker.outages() == 2);
    CHECK(breaker.times_opened() > 10);
}

TEST_CASE("how long a circuit stays open is drawn from its seed alone", "[limit]") {
    std::set<TimePoint> moments;
    Duration least = 1h, longest = 0s;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CircuitBreaker one{seed}, same{seed};
        const auto when = opened(one, noon);
        CHECK(opened(same, noon) == when);
        moments.insert(when);
        least = std::min<Duration>(least, when - noon);
        longest = std::max<Duration>(longest, when - noon);
    }
    CHECK(moments.size() > 190);
    CHECK(least < 820ms);
    CHECK(longest > 1180ms);
}

}  // namespace
}  // namespace skein
