#include "dispatch/token_limits.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;

const TimePoint noon{12h};

TEST_CASE("Each limit of tokens holds back by its own share of the cost alone.", "[tokens]") {
    const TokenCost cost{.all = 60, .input = 20, .output = 40};
    const auto ready_after_one = [&](const TokenLimits::Rates& rates) {
        TokenLimits limits{rates, noon};
        const auto first = limits.ready_at(noon, cost);
        limits.take(first, cost);
        return limits.ready_at(first, cost) - noon;
    };
    // Ten tokens a second each, and a burst of ten.
    CHECK(ready_after_one({}) == 0s);
    CHECK(ready_after_one({.all = 600}) == 7s);
    CHECK(ready_after_one({.input = 600}) == 3s);
    CHECK(ready_after_one({.output = 600}) == 5s);
    CHECK(ready_after_one({.all = 6000, .input = 600, .output = 1200}) == 3s);
}

TEST_CASE("The charge of each limit of tokens becomes what was used of it.", "[tokens]") {
    const TokenCost cost{.all = 1000, .input = 10, .output = 990};
    TokenLimits limits{{.input = 600, .output = 300}, noon};  // Ten and five a second.
    limits.take(noon + 1s, cost);
    // A minute's worth of answers is charged, and not three.
    CHECK(limits.ready_at(noon + 1s, cost) == noon + 1s + 60s);
    CHECK(limits.bound(noon + 1s).name == "output_tpm");
    limits.settle(noon + 1s, cost, Usage{.input_tokens = 40, .output_tokens = 0});
    // The prompt was thirty tokens longer than was thought.
    CHECK(limits.ready_at(noon + 1s, cost) == noon + 1s + 4s);
    CHECK(limits.bound(noon + 1s).name == "input_tpm");
    limits.take(noon + 5s, cost);
    limits.settle(noon + 5s, cost, Usage{.input_tokens = 10, .output_tokens = 25});
    // Five were there, and 20 are a debt of four seconds; then five must be there again.
    CHECK(limits.ready_at(noon + 5s, cost) == noon + 5s + 5s);
}

TEST_CASE("A limit of prompts counts what was read from a cache, or does not.", "[tokens]") {
    const Usage usage{.input_tokens = 50, .output_tokens = 7, .cached_tokens = 20};
    CHECK(counted_input(usage, true) == 50);
    CHECK(counted_input(usage, false) == 30);
    CHECK(counted_input({.input_tokens = 5, .cached_tokens = 20}, false) == 0);
    const TokenCost cost{.all = 50, .input = 50, .output = 7};
    for (const bool counts_cached : {true, false}) {
        TokenLimits limits{{.input = 600, .counts_cached = counts_cached}, noon};
        limits.take(noon + 1s, cost);
        limits.settle(noon + 1s, cost, usage);
        CHECK(limits.ready_at(noon + 1s, cost) == noon + 1s + (counts_cached ? 5s : 3s));
    }
}

TEST_CASE("What a server tells of prompts and of answers is learned apart.", "[tokens]") {
    TokenLimits limits{{}, {}};
    const TokenCost small{.all = 1000, .input = 10, .output = 10};
    const TokenCost long_prompt{.all = 1000, .input = 500, .output = 10};
    const TokenCost long_answer{.all = 1000, .input = 10, .output = 500};
    const BucketNews few{.limit = 6000, .remaining = 100, .reset = 59s, .refill = Refill::evenly};
    const auto marks = limits.take(noon, {});
    limits.learn(noon, {.input_tokens = few}, marks);
    CHECK(limits.ready_at(noon, small) == noon);
    CHECK(limits.ready_at(noon, long_answer) == noon);
    CHECK(limits.ready_at(noon, long_prompt) > noon + 3s);
    limits.learn(noon, {.output_tokens = few}, marks);
    CHECK(limits.ready_at(noon, small) == noon);
    CHECK(limits.ready_at(noon, long_answer) > noon + 3s);
    CHECK(limits.rests_until(noon) == noon);
    limits.learn(noon, {.output_tokens = {.remaining = 0, .reset = 30s}}, marks);
    CHECK(limits.rests_until(noon) == noon + 30s);
}

}  // namespace
}  // namespace skein
