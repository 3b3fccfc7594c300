#include "dispatch/budget.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

const Price price{.input = 1, .output = 10};  // Per million tokens.
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
