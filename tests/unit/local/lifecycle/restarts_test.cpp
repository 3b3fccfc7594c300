#include "local/lifecycle/restarts.hpp"

#include "support/catch.hpp"

#include <set>

namespace skein::local {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint dawn{1h};

}  // namespace

TEST_CASE("Restart pauses double from 1 s to 60 s, each with a jitter of 20 %.", "[worker]") {
    std::set<Duration> firsts;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Restarts restarts{seed, {.starts = 100}};
        auto now = dawn;
        for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
            restarts.started(now);
            const auto again = restarts.ended(now);
            REQUIRE(again);
            CHECK(*again - now >= Duration{pause} * 8 / 10);
            CHECK(*again - now <= Duration{pause} * 12 / 10);
            if (pause == 1s) firsts.insert(*again - now);
            now = *again;
        }
    }
    CHECK(firsts.size() > 190);
    CHECK(*firsts.begin() < 820ms);
    CHECK(*firsts.rbegin() > 1180ms);
}

TEST_CASE("Worker starts count against the limit for five minutes.", "[worker]") {
    const auto is_given_up = [](Duration life) {
        Restarts restarts{0};
        auto now = dawn;
        for (int i = 0; i < 5; ++i) {
            restarts.started(now);
            restarts.ready(now);
            now += life;
            if (!restarts.ended(now)) return true;
        }
        return false;
    };
    CHECK(is_given_up(0s));
    CHECK(is_given_up(59s));
    CHECK_FALSE(is_given_up(1min));
    CHECK_FALSE(is_given_up(1h));
}

TEST_CASE("A worker that is never ready is given up, however long each start takes.", "[worker]") {
    const auto ends = [](int ready_at) {
        Restarts restarts{0};
        auto now = dawn;
        for (int i = 1; i < 100; ++i, now += 1h) {
            restarts.started(now);
            if (i == ready_at) restarts.ready(now);
            if (!restarts.ended(now + 10min)) return i;
        }
        return 0;
    };
    CHECK(ends(0) == 5);
    CHECK(ends(4) == 9);
}

TEST_CASE("A worker that was ready long enough begins with the shortest pause again.", "[worker]") {
    const auto pause_after = [](Duration ready_for) {
        Restarts restarts{0, {.healthy = 1min}};
        for (int i = 0; i < 3; ++i) {
            restarts.started(dawn);
            CHECK(restarts.ended(dawn));
        }
        restarts.started(dawn);
        restarts.ready(dawn + 1h);  // A slow start does not count as time ready.
        const auto end = dawn + 1h + ready_for;
        return restarts.ended(end).value() - end;
    };
    CHECK(pause_after(1min) <= 1200ms);
    CHECK(pause_after(1min - 1ns) >= 6400ms);
}

TEST_CASE("A worker that was ready long enough has no counted starts.", "[worker]") {
    Restarts restarts{0, {.healthy = 1min, .starts = 3}};
    for (int i = 0; i < 3; ++i) restarts.started(dawn);
    restarts.ready(dawn);
    CHECK(restarts.ended(dawn + 1min));
    for (int i = 0; i < 3; ++i) restarts.started(dawn + 1min);
    CHECK_FALSE(restarts.ended(dawn + 2min));  // The worker was not ready again.
    CHECK(restarts.starts() == 6);
}

TEST_CASE("A worker that is replaced while ready counts as ready all the time.", "[worker]") {
    Restarts restarts{0, {.healthy = 1min, .starts = 1}};
    restarts.started(dawn);
    restarts.ready(dawn);
    restarts.ready(dawn + 50s);
    CHECK(restarts.ended(dawn + 1min));
}

}  // namespace skein::local
