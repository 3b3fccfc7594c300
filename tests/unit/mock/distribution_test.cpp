#include "mock_server/distribution.hpp"

#include "support/catch.hpp"

#include <algorithm>

using namespace skein::mock;
using namespace std::chrono_literals;

namespace {

std::vector<skein::Duration> draws(const Distribution& distribution) {
    std::vector<skein::Duration> times;
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) times.push_back(draw(distribution, seed));
    std::sort(times.begin(), times.end());
    return times;
}

}  // namespace

TEST_CASE("the same seed draws the same time, and another seed another", "[mock]") {
    const Distribution shape = Exponential{100ms};
    CHECK(draw(shape, 1) == draw(shape, 1));
    CHECK(draw(shape, 1) != draw(shape, 2));
}

TEST_CASE("a constant is what it is", "[mock]") { CHECK(draw(Constant{20ms}, 5) == 20ms); }

TEST_CASE("a uniform draw stays within its ends and comes near both", "[mock]") {
    const auto times = draws(Uniform{10ms, 20ms});
    CHECK(times.front() >= 10ms);
    CHECK(times.front() < 10100us);
    CHECK(times.back() <= 20ms);
    CHECK(times.back() > 19900us);
}

TEST_CASE("half of the lognormal draws are below the median", "[mock]") {
    const auto times = draws(Lognormal{200ms, 0.5});
    CHECK(times[times.size() / 2] > 195ms);
    CHECK(times[times.size() / 2] < 205ms);
    // One standard deviation above the median, that is times e to the sigma, are 84 %.
    CHECK(times[times.size() * 8413 / 10000] > 320ms);
    CHECK(times[times.size() * 8413 / 10000] < 340ms);
}

TEST_CASE("exponential draws have the mean they should have", "[mock]") {
    skein::Duration sum{};
    const auto times = draws(Exponential{100ms});
    for (const auto time : times) sum += time;
    CHECK(sum / times.size() > 97ms);
    CHECK(sum / times.size() < 103ms);
    CHECK(times.front() >= 0ms);
}

TEST_CASE("no draw is below zero or above a day", "[mock]") {
    CHECK(draw(Constant{-1s}, 1) == 0s);
    CHECK(draws(Exponential{24h}).back() == max_length);
    CHECK(draws(Lognormal{24h, 10}).back() == max_length);
    CHECK(draws(Lognormal{1ns, 10}).front() == 0s);
}
