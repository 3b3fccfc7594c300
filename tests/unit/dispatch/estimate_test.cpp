#include "dispatch/estimate.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

TEST_CASE("Before the first usage the estimate is the request's own.", "[budget]") {
    const Estimate estimate;
    CHECK(estimate.likely({100, 50}).input_tokens == 100);
    CHECK(estimate.likely({100, 50}).output_tokens == 50);
    CHECK(estimate.at_most({100, 0}).tokens() == 100);
}

TEST_CASE("The input estimate is corrected by the reported usages.", "[budget]") {
    Estimate estimate;
    estimate.learn({100, 50}, {.input_tokens = 25, .output_tokens = 50});
    CHECK(estimate.likely({200, 0}).input_tokens == 50);
    CHECK(estimate.at_most({200, 0}).input_tokens == 200);  // An allowance must hold.
    for (int i = 0; i < 1000; ++i)
        estimate.learn({100, 50}, {.input_tokens = 300, .output_tokens = 50});
    CHECK(estimate.likely({200, 0}).input_tokens == Approx(600).epsilon(0.01));
    CHECK(estimate.at_most({200, 0}).input_tokens == Approx(600).epsilon(0.01));
}

TEST_CASE("What a cache serves is no part of the uncached prompt.", "[budget]") {
    Estimate estimate;
    CHECK(estimate.uncached_input({100, 0}) == 100);
    estimate.learn({100, 0}, {.input_tokens = 80, .output_tokens = 1, .cached_tokens = 60});
    CHECK(estimate.likely({100, 0}).input_tokens == 80);
    CHECK(estimate.uncached_input({100, 0}) == 20);
    // A server may count more cached tokens than the prompt has.
    for (int i = 0; i < 1000; ++i) {
        estimate.learn({100, 0}, {.input_tokens = 80, .output_tokens = 1, .cached_tokens = 90});
    }
    CHECK(estimate.uncached_input({128, 0}) == 2);
}

TEST_CASE("Answers are expected to be as long a part of their limit as they were.", "[budget]") {
    Estimate estimate;
    CHECK(estimate.written_output({10, 100}) == 100);
    CHECK(estimate.written_output({10, 0}) == 0);
    estimate.learn({10, 100}, {.input_tokens = 10, .output_tokens = 25});
    CHECK(estimate.written_output({10, 4000}) == 1000);
    CHECK(estimate.likely({10, 4000}).output_tokens == 4000);
    estimate.learn({10, 0}, {.input_tokens = 10, .output_tokens = 30});
    CHECK(estimate.written_output({10, 0}) == 30);
}

TEST_CASE(
    "The expected output is the token limit, or the mean of answers without a limit.", "[budget]"
) {
    Estimate estimate;
    estimate.learn({10, 100}, {.input_tokens = 10, .output_tokens = 5});
    CHECK(estimate.likely({10, 100}).output_tokens == 100);
    CHECK(estimate.likely({10, 0}).output_tokens == 0);
    estimate.learn({10, 0}, {.input_tokens = 10, .output_tokens = 30});
    CHECK(estimate.likely({10, 0}).output_tokens == 30);
    CHECK(estimate.at_most({10, 0}).output_tokens == 30);
    // Reasoning that no limit holds.
    for (int i = 0; i < 1000; ++i)
        estimate.learn({10, 100}, {.input_tokens = 10, .output_tokens = 400});
    CHECK(estimate.at_most({10, 50}).output_tokens == Approx(200).epsilon(0.01));
}

TEST_CASE("An absurd token count does not spoil the estimate.", "[budget]") {
    Estimate estimate;
    estimate.learn({100, 0}, {.input_tokens = 0, .output_tokens = 0});
    CHECK(estimate.likely({100, 0}).input_tokens == 100);
    estimate.learn({100, 0}, {.input_tokens = 1'000'000'000'000, .output_tokens = 0});
    CHECK(estimate.likely({100, 0}).input_tokens == 6400);
}

}  // namespace
}  // namespace skein
