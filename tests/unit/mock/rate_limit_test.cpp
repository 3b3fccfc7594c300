#include "mock_server/rate_limit.hpp"

#include "support/catch.hpp"

using namespace skein::mock;
using namespace std::chrono_literals;

namespace {
constexpr skein::TimePoint noon{12h};
}

TEST_CASE("the server's limit grants a burst, and then says when the next may come", "[mock]") {
    RateLimit limit{60, 3, noon};
    for (std::uint64_t left : {2u, 1u, 0u}) {
        const auto verdict = limit.take(noon);
        CHECK(verdict.granted);
        CHECK(verdict.limit == 60);
        CHECK(verdict.remaining == left);
    }
    const auto refused = limit.take(noon);
    CHECK_FALSE(refused.granted);
    CHECK(refused.next >= 1s);
    CHECK(refused.next < 1001ms);
    CHECK(refused.full >= 3s);
    CHECK(refused.full < 3001ms);
    CHECK_FALSE(limit.take(noon + 999ms).granted);
    CHECK(limit.take(noon + refused.next).granted);
}

TEST_CASE("who is refused takes nothing", "[mock]") {
    RateLimit limit{60, 1, noon};
    CHECK(limit.take(noon).granted);
    for (int i = 0; i < 1000; ++i) CHECK_FALSE(limit.take(noon + 500ms).granted);
    CHECK(limit.take(noon + 1001ms).granted);
}

TEST_CASE("in no minute come more than the rate and the burst", "[mock]") {
    RateLimit limit{120, 5, noon};
    int granted = 0;
    for (auto time = noon; time < noon + 1min; time += 7ms) granted += limit.take(time).granted;
    CHECK(granted >= 123);
    CHECK(granted <= 125);
}

TEST_CASE(
    "without a burst, that of one second holds, and a clock that goes back does no harm", "[mock]"
) {
    RateLimit limit{600, 0, noon};
    int granted = 0;
    for (int i = 0; i < 20; ++i) granted += limit.take(noon).granted;
    CHECK(granted == 10);
    CHECK_FALSE(limit.take(noon - 1h).granted);
    CHECK_FALSE(limit.take(noon).granted);
    CHECK(RateLimit{6, 0, noon}.take(noon).granted);
}
