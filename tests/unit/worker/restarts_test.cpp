#include "worker/restarts.hpp"

#include "support/catch.hpp"

#include <set>

namespace skein::worker {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint dawn{1h};

}  // namespace

TEST_CASE("pauses double from a second to a minute, each spread by a fifth", "[worker]") {
    std::set<Duration> firsts;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Restarts restarts{seed, {.starts = 100}};
        auto now = dawn;
        for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
            restarts.started(now);
            const auto again = restarts.ended(now, 0s);
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

TEST_CASE("starts count for five minutes", "[worker]") {
    const auto is_given_up = [](Duration life) {
        Restarts restarts{0};
        auto now = dawn;
        for (int i = 0; i < 5; ++i) {
            restarts.started(now);
            now += life;
            if (!restarts.ended(now, 0s)) return true;
        }
        return false;
    };
    CHECK(is_given_up(0s));
    CHECK(is_given_up(59s));
    CHECK_FALSE(is_given_up(1min));
    CHECK_FALSE(is_given_up(1h));
}

TEST_CASE("who was ready long enough begins anew", "[worker]") {
    Restarts restarts{0, {.healthy = 1min, .starts = 3}};
    for (int i = 0; i < 3; ++i) restarts.started(dawn);
    CHECK_FALSE(restarts.ended(dawn + 1min, 1min - 1ns));
    const auto again = restarts.ended(dawn + 1min, 1min);
    REQUIRE(again);
    CHECK(*again - (dawn + 1min) <= 1200ms);
    CHECK(restarts.starts() == 3);
}

}  // namespace skein::worker
