#include "limit/breaker.hpp"

#include "base/random.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace skein {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;
using Turn = CircuitBreaker::Turn;
const TimePoint noon{12h};

Turn go(CircuitBreaker& breaker, TimePoint now, Verdict verdict) {
    return breaker.leave(now, breaker.enter(now), {verdict});
}

Turn again(CircuitBreaker& breaker, TimePoint now, Verdict verdict) {
    return breaker.leave(now, breaker.enter(now, true), {verdict});
}

// Makes this many attempts of which every n-th fails, to set the usual share of failures.
void usually(CircuitBreaker& breaker, int count, int every) {
    for (int i = 1; i <= count; ++i) {
        go(breaker, noon, i % every == 0 ? Verdict::unhealthy : Verdict::healthy);
    }
    go(breaker, noon, Verdict::healthy);
}

// The number of failures in a row until the breaker opens.
int failures_to_open(CircuitBreaker& breaker) {
    int failures = 0;
    while (breaker.is_well()) {
        go(breaker, noon, Verdict::unhealthy);
        ++failures;
    }
    return failures;
}

// Opens the breaker if it is closed, and returns the end of the open time.
TimePoint opened(CircuitBreaker& breaker, TimePoint now) {
    while (breaker.is_well()) go(breaker, now, Verdict::unhealthy);
    return breaker.ready_at(now);
}

// Makes one successful probe.
void mend(CircuitBreaker& breaker, TimePoint now) { go(breaker, now, Verdict::healthy); }

TEST_CASE(
    "Five failures open the circuit of an endpoint that has answered nothing, or nearly always.",
    "[limit]"
) {
    CircuitBreaker breaker;
    for (int i = 0; i < 4; ++i) CHECK(go(breaker, noon, Verdict::unhealthy) == Turn::none);
    CHECK(breaker.is_well());
    CHECK(breaker.ready_at(noon) == noon);
    CHECK(go(breaker, noon, Verdict::unhealthy) == Turn::opened);

    CircuitBreaker busy;
    usually(busy, 990, 50);
    CHECK(failures_to_open(busy) == 5);
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

TEST_CASE("A neutral result neither opens a circuit nor keeps it closed.", "[limit]") {
    CircuitBreaker breaker;
    for (int i = 0; i < 100; ++i) go(breaker, noon, Verdict::neutral);
    CHECK(breaker.is_well());
    for (int i = 0; i < 4; ++i) go(breaker, noon, Verdict::unhealthy);
    go(breaker, noon, Verdict::neutral);
    CHECK(breaker.is_well());
    CHECK(go(breaker, noon, Verdict::unhealthy) == Turn::opened);
}

TEST_CASE(
    "A circuit needs more failures to open at an endpoint that usually fails more often.", "[limit]"
) {
    const auto needed = [](int every) {
        CircuitBreaker breaker;
        usually(breaker, 1200, every);
        REQUIRE(breaker.is_well());
        return failures_to_open(breaker);
    };
    CHECK(needed(20) == 5);  // 1 of 20: 0.05^5 is a third of a millionth.
    CHECK(needed(10) >= 6);  // 1 of 10.
    CHECK(needed(5) >= 8);   // 1 of 5.
    CHECK(needed(2) >= 18);  // 1 of 2.
    CHECK(needed(2) <= 30);
}

TEST_CASE(
    "The circuit of an endpoint that completes half of its attempts hardly ever opens.", "[limit]"
) {
    CircuitBreaker breaker;
    SplitMix rng{1};
    mend(breaker, noon);
    for (int i = 0; i < 100'000; ++i) {
        go(breaker, noon, rng.unit() < 0.5 ? Verdict::unhealthy : Verdict::healthy);
        if (!breaker.is_well()) mend(breaker, breaker.ready_at(noon));
    }
    CHECK(breaker.outages() <= 3);  // Not 0: the test repeats at each failure.
}

TEST_CASE("Errors that end before slower answers do not open a circuit.", "[limit]") {
    CircuitBreaker breaker{200};
    std::vector<CircuitBreaker::Permit> under_way;
    for (int i = 0; i < 200; ++i) under_way.push_back(breaker.enter(noon));
    // Of 200 attempts that began together every fifth fails at once; the others take longer.
    for (std::size_t i = 4; i < 200; i += 5) {
        CHECK(breaker.leave(noon, under_way[i], {Verdict::unhealthy}) == Turn::none);
    }
    CHECK(breaker.is_well());
}

TEST_CASE(
    "Failures of the youngest attempts open a circuit while older attempts are in flight.",
    "[limit]"
) {
    CircuitBreaker breaker{64};
    usually(breaker, 200, 1000);
    for (int i = 0; i < 64; ++i) breaker.enter(noon);
    CHECK(failures_to_open(breaker) == 5);
}

TEST_CASE("Retries that fail at their usual rate do not open a circuit.", "[limit]") {
    CircuitBreaker breaker;
    for (int i = 0; i < 500; ++i) {
        go(breaker, noon, i % 50 == 0 ? Verdict::unhealthy : Verdict::healthy);
        if (i % 5 == 0) {
            const auto retry = breaker.enter(noon, true);
            breaker.leave(noon, retry, {.verdict = Verdict::unhealthy, .is_evidence = false});
        }
    }
    for (int i = 0; i < 40; ++i) again(breaker, noon, Verdict::unhealthy);
    CHECK(breaker.is_well());

    CircuitBreaker other;  // Where retries usually succeed, their failures count.
    for (int i = 0; i < 500; ++i) {
        go(other, noon, Verdict::healthy);
        again(other, noon, Verdict::healthy);
    }
    for (int i = 0; i < 5; ++i) again(other, noon, Verdict::unhealthy);
    CHECK(!other.is_well());
}

TEST_CASE("A failure that is no evidence neither opens a circuit nor keeps it closed.", "[limit]") {
    CircuitBreaker breaker;
    const auto at_fault = [&] {
        breaker.leave(
            noon, breaker.enter(noon), {.verdict = Verdict::unhealthy, .is_evidence = false}
        );
    };
    for (int i = 0; i < 100; ++i) at_fault();
    CHECK(breaker.is_well());
    CircuitBreaker other;
    for (int i = 0; i < 4; ++i) go(other, noon, Verdict::unhealthy);
    CHECK(go(other, noon, Verdict::unhealthy) == Turn::opened);
}

TEST_CASE(
    "A circuit opens at half of twenty attempts failed if another endpoint does better.", "[limit]"
) {
    const auto opens = [](double rival, int every) {
        CircuitBreaker breaker;
        for (int i = 0; i < 400 && breaker.is_well(); ++i) {
            const auto verdict = i % every == 0 ? Verdict::unhealthy : Verdict::healthy;
            breaker.leave(noon, breaker.enter(noon), {.verdict = verdict, .rival = rival});
        }
        return !breaker.is_well();
    };
    CHECK(opens(0.0, 2));
    CHECK(opens(0.25, 2));
    CHECK(!opens(0.3, 2));  // The rival is hardly better: the rows are at fault.
    CHECK(!opens(0.0, 3));
}

TEST_CASE(
    "Failed retries do not open a circuit, even if another endpoint does better.", "[limit]"
) {
    CircuitBreaker breaker;
    for (int i = 0; i < 200; ++i) go(breaker, noon, Verdict::healthy);
    for (int i = 0; i < 20; ++i) {
        const auto retry = breaker.enter(noon, true);
        breaker.leave(
            noon, retry, {.verdict = Verdict::unhealthy, .is_evidence = i >= 2, .rival = 0}
        );
        if (i < 2) go(breaker, noon, Verdict::healthy);
    }
    CHECK(breaker.failing() == 0);
    CHECK(breaker.is_well());
}

TEST_CASE("A half-open circuit admits one probe at a time.", "[limit]") {
    CircuitBreaker breaker;
    const auto when = opened(breaker, noon);
    const auto probe = breaker.enter(when);
    CHECK(breaker.ready_at(when) == never);
    CHECK(breaker.ready_at(when + 1h) == never);
    CHECK_FALSE(breaker.is_well());
    CHECK(breaker.leave(when + 1s, probe, {Verdict::neutral}) == Turn::none);
    CHECK(breaker.ready_at(when + 1s) == when + 1s);
}

TEST_CASE("A successful probe closes a circuit, a failed probe opens it again.", "[limit]") {
    CircuitBreaker breaker;
    const auto when = opened(breaker, noon);
    CHECK(go(breaker, when, Verdict::unhealthy) == Turn::opened);
    const auto next = breaker.ready_at(when);
    CHECK(go(breaker, next, Verdict::healthy) == Turn::closed);
    CHECK(breaker.is_well());
    CHECK(breaker.ready_at(next) == next);
}

TEST_CASE("A probe with a neutral result gives its place to the next probe.", "[limit]") {
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

TEST_CASE(
    "An attempt that began before the last change of a circuit does not affect it.", "[limit]"
) {
    CircuitBreaker breaker;
    const auto early = breaker.enter(noon);
    const auto other = breaker.enter(noon);
    const auto when = opened(breaker, noon);

    CHECK(breaker.leave(noon, early, {Verdict::healthy}) == Turn::none);
    CHECK(breaker.ready_at(noon) == when);

    const auto probe = breaker.enter(when);
    CHECK(breaker.leave(when, other, {Verdict::unhealthy}) == Turn::none);
    CHECK(breaker.ready_at(when) == never);  // The probe is still in flight.
    CHECK(breaker.state(when) == State::half_open);
    breaker.leave(when, probe, {Verdict::healthy});
    CHECK(breaker.is_well());
}

TEST_CASE("A circuit that closes forgets the failures before.", "[limit]") {
    CircuitBreaker breaker;
    mend(breaker, opened(breaker, noon));
    for (int i = 0; i < 4; ++i) go(breaker, noon + 10s, Verdict::unhealthy);
    CHECK(breaker.is_well());
}

TEST_CASE("A circuit stays open for a quarter of the outage so far.", "[limit]") {
    CircuitBreaker breaker{64, /*seed=*/7};
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

TEST_CASE("An endpoint that fails after its return begins a new outage.", "[limit]") {
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

TEST_CASE("The open time of a circuit depends only on its seed.", "[limit]") {
    std::set<TimePoint> moments;
    Duration min = 1h, max_length = 0s;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CircuitBreaker one{64, seed}, same{64, seed};
        const auto when = opened(one, noon);
        CHECK(opened(same, noon) == when);
        moments.insert(when);
        min = std::min<Duration>(min, when - noon);
        max_length = std::max<Duration>(max_length, when - noon);
    }
    CHECK(moments.size() > 190);
    CHECK(min < 820ms);
    CHECK(max_length > 1180ms);
}

}  // namespace
}  // namespace skein
