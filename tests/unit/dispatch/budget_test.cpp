#include "dispatch/budget.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

const Price price{.usual = {.input = 1, .output = 10}};  // Per million tokens.
const CostEstimate estimate{.input_tokens = 100, .output_tokens = 50};

TEST_CASE(
    "An attempt that may exceed a limit of the run is not allowed, and the limit is named.",
    "[budget]"
) {
    Budget budget{{.requests = 2}};
    CHECK(budget.allows(estimate, price));
    budget.take(estimate, price);
    budget.take(estimate, price);
    CHECK(!budget.allows(estimate, price));
    CHECK(budget.why_not(estimate, price).starts_with("limits.max_requests is 2, 2 are used"));

    Budget tokens{{.tokens = 299}};
    tokens.take(estimate, price);
    CHECK(!tokens.allows(estimate, price));
    CHECK(tokens.why_not(estimate, price).starts_with("limits.max_tokens is 299, 150 are used"));

    Budget cost{{.cost = 0.001}};
    cost.take(estimate, price);
    CHECK(!cost.allows(estimate, price));
    CHECK(cost.allows(estimate, Price{}));  // Where it is free.
    CHECK(cost.why_not(estimate, price).starts_with("limits.max_cost is 0.001, 0.0006 are used"));

    CHECK(Budget{{}}.allows({1e18, 1e18}, price));
}

TEST_CASE("A reported usage corrects the reservation; without a usage it is kept.", "[budget]") {
    Budget budget{{.tokens = 300}};
    budget.take(estimate, price);
    budget.settle(estimate, price, {.usage = Usage{80, 20}});
    CHECK(budget.allows({100, 100}, price));
    CHECK(!budget.allows({100, 101}, price));

    budget.take(estimate, price);
    budget.settle(estimate, price, {});  // It failed, and may have been billed.
    CHECK(budget.allows({50, 0}, price));
    CHECK(!budget.allows({51, 0}, price));
}

TEST_CASE("The reservation of an attempt that certainly cost nothing is returned.", "[budget]") {
    Budget budget{{.requests = 1, .tokens = 150}};
    budget.take(estimate, price);
    budget.settle(estimate, price, {.was_sent = false, .may_be_billed = false});
    CHECK(budget.allows(estimate, price));

    budget.take(estimate, price);
    budget.settle(estimate, price, {.may_be_billed = false});  // A 429: it was a request.
    CHECK(budget.why_not(estimate, price).starts_with("limits.max_requests"));
}

TEST_CASE(
    "The budget counts what the parts of an answer cost, or what its server bills.", "[budget]"
) {
    const Price parts{
        .usual = {.input = 1000, .output = 10'000, .cached = 100, .reasoning = 20'000},
        .rules = {{.service_tier = "flex", .prices = {.input = 500, .output = 5000}}}};
    const auto used_after = [&](const EndpointFeedback& feedback) {
        Budget budget{{.cost = 1000}};
        budget.take(estimate, parts);
        budget.settle(estimate, parts, feedback);
        return budget.why_not({0, 1e9}, parts);
    };
    Usage usage{
        .input_tokens = 100, .output_tokens = 50, .cached_tokens = 40, .reasoning_tokens = 20};
    // 60 · 1,000 + 40 · 100 + 30 · 10,000 + 20 · 20,000, in millionths.
    CHECK_THAT(used_after({.usage = usage}), Catch::Contains("1000, 0.764 are used"));
    CHECK_THAT(
        used_after({.usage = usage, .service_tier = "flex"}), Catch::Contains("1000, 0.3 are used")
    );
    usage.cost = 0.5;
    CHECK_THAT(used_after({.usage = usage}), Catch::Contains("1000, 0.5 are used"));
}

TEST_CASE("Many small amounts add up exactly to the limit.", "[budget]") {
    Budget budget{{.cost = 0.001}};
    for (int i = 0; i < 1000; ++i) {
        REQUIRE(budget.allows({1, 0}, price));
        budget.take({1, 0}, price);
    }
    CHECK(!budget.allows({1, 0}, price));
}

}  // namespace
}  // namespace skein
