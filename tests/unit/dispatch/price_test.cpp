#include "dispatch/price.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <limits>

using namespace skein;

namespace {

const Prices all{
    .input = 1,
    .output = 10,
    .cached = 0.5,
    .cache_write = 2,
    .cache_write_1h = 4,
    .reasoning = 20};

}  // namespace

TEST_CASE("Each token costs the price of its part.", "[dispatch]") {
    // 1,000 in: 300 read from a cache, 200 written to it, 50 of these for an hour. 100 out: 40 of
    // them reasoning.
    const Usage usage{1000, 100, 300, 200, 50, 40};
    CHECK(
        cost_of(all, usage) ==
        Approx((500 * 1 + 300 * 0.5 + 150 * 2 + 50 * 4 + 60 * 10 + 40 * 20) / 1e6)
    );
    // A part without a price of its own costs what its whole costs.
    CHECK(cost_of({.input = 1, .output = 10}, usage) == Approx((1000 * 1 + 100 * 10) / 1e6));
    CHECK(
        cost_of({.input = 1, .output = 10, .cache_write = 2}, usage) ==
        Approx((800 * 1 + 200 * 2 + 100 * 10) / 1e6)
    );
    // A price of zero is a price.
    CHECK(cost_of({.input = 1, .output = 10, .cached = 0}, usage) == Approx((700 + 1000) / 1e6));
}

TEST_CASE("A cost is never below zero, whatever a model counts.", "[dispatch]") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK(cost_of(all, {-5, -5, -5, -5, -5, -5}) == 0);
    CHECK(cost_of(all, {10, 10, most, most, most, most}) == Approx((10 * 0.5 + 10 * 20) / 1e6));
    CHECK(cost_of(all, {10, 0, 4, most, -1, 0}) == Approx((4 * 0.5 + 6 * 2) / 1e6));
    CHECK(std::isfinite(cost_of(all, {most, most, most, 0, 0, most})));
}

TEST_CASE("The bill of the server wins over the prices.", "[dispatch]") {
    Usage usage{1000, 100};
    CHECK_FALSE(cost_of(Price{}, usage, ""));
    CHECK(cost_of(Price{all}, usage, "") == Approx(2000 / 1e6));
    usage.cost = 0.25;
    CHECK(cost_of(Price{all}, usage, "") == 0.25);
    CHECK(cost_of(Price{}, usage, "") == 0.25);
    usage.cost = 0;  // Free, and known to be.
    CHECK(cost_of(Price{all}, usage, "") == 0.0);
    for (const auto nonsense : {-1.0, std::nan("")}) {
        usage.cost = nonsense;
        CHECK(cost_of(Price{all}, usage, "") == Approx(2000 / 1e6));
    }
}

TEST_CASE("Other prices hold above a number of prompt tokens, and for a tier.", "[dispatch]") {
    const Price price{
        .usual = {.input = 1, .output = 2},
        .rules = {
            {.above_input_tokens = 200, .prices = {.input = 10, .output = 20}},
            {.service_tier = "flex", .prices = {.input = 0.5, .output = 1}},
            {.service_tier = "flex",
             .above_input_tokens = 200,
             .prices = {.input = 5, .output = 9}}}};
    CHECK(cost_of(price, {200, 1}, "") == Approx(202 / 1e6));
    CHECK(cost_of(price, {201, 1}, "") == Approx(2030 / 1e6));  // The output, too.
    CHECK(cost_of(price, {200, 1}, "flex") == Approx(101 / 1e6));
    CHECK(cost_of(price, {201, 1}, "flex") == Approx(1014 / 1e6));
    CHECK(cost_of(price, {201, 1}, "default") == Approx(2030 / 1e6));
}

TEST_CASE("What is reserved knows of no caches.", "[dispatch]") {
    CHECK(reserved_cost({all}, {1000, 100}) == Approx(2000 / 1e6));
    const Price long_prompts{
        .usual = {.input = 1}, .rules = {{.above_input_tokens = 200, .prices = {.input = 10}}}};
    CHECK(reserved_cost(long_prompts, {200, 0}) == Approx(200 / 1e6));
    CHECK(reserved_cost(long_prompts, {201, 0}) == Approx(2010 / 1e6));
    CHECK(reserved_cost(Price{}, {1e300, 1e300}) == 0);
}
