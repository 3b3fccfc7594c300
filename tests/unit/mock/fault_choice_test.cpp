#include "mock_server/fault_choice.hpp"

#include "mock_server/hash.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace skein::mock;
using namespace std::chrono_literals;

namespace {

Seen seen(const std::string& prompt, std::uint32_t attempt = 1) {
    return {.prompt = prompt, .prompt_hash = hash_of(prompt), .attempt = attempt};
}

}  // namespace

TEST_CASE("a rate hits about so many, and the same ones whatever the order", "[mock]") {
    std::vector<std::string> prompts;
    for (int i = 0; i < 10'000; ++i) prompts.push_back("prompt " + std::to_string(i));
    FaultChoice forwards{{{.fault = Mishap::empty, .rate = 0.1}}, 7};
    FaultChoice backwards{{{.fault = Mishap::empty, .rate = 0.1}}, 7};
    std::vector<bool> first;
    std::vector<bool> second;
    for (const auto& prompt : prompts) first.push_back(forwards.choose(seen(prompt)));
    std::reverse(prompts.begin(), prompts.end());
    for (const auto& prompt : prompts) second.push_back(backwards.choose(seen(prompt)));
    std::reverse(second.begin(), second.end());
    CHECK(first == second);
    const auto hits = std::count(first.begin(), first.end(), true);
    CHECK(hits > 900);
    CHECK(hits < 1100);
}

TEST_CASE("the draw of a rate differs by seed, by rule and by attempt", "[mock]") {
    const Rule rule{.fault = Mishap::empty, .rate = 0.5};
    FaultChoice one{{rule}, 1};
    FaultChoice other{{rule}, 2};
    FaultChoice later{{{.fault = Mishap::html, .contains = "never"}, rule}, 1};
    int by_seed = 0;
    int by_rule = 0;
    int by_attempt = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto prompt = std::to_string(i);
        const auto* here = one.choose(seen(prompt));
        by_seed += !here != !other.choose(seen(prompt));
        by_rule += !here != !later.choose(seen(prompt));
        by_attempt += !here != !one.choose(seen(prompt, 2));
    }
    for (const auto differ : {by_seed, by_rule, by_attempt}) {
        CHECK(differ > 400);
        CHECK(differ < 600);
    }
}

TEST_CASE("a rule with a count applies to the first so many that come this far", "[mock]") {
    FaultChoice choice{{{.fault = Mishap::empty, .count = 2, .contains = "x"}}, 1};
    CHECK_FALSE(choice.choose(seen("y")));
    CHECK(choice.choose(seen("x1")));
    CHECK(choice.choose(seen("x2")));
    CHECK_FALSE(choice.choose(seen("x3")));
}

TEST_CASE("a rule with `every` applies to each so-manyth", "[mock]") {
    FaultChoice choice{{{.fault = Mishap::empty, .count = 2, .every = 3}}, 1};
    std::string hits;
    for (int i = 0; i < 12; ++i) hits += choice.choose(seen("a")) ? 'x' : '.';
    CHECK(hits == "..x..x......");
}

TEST_CASE("first attempts fail, later ones do not, of each request", "[mock]") {
    FaultChoice choice{{{.fault = Mishap::empty, .first_attempts = 2}}, 1};
    for (const auto* prompt : {"a", "b"}) {
        CHECK(choice.choose(seen(prompt, 1)));
        CHECK(choice.choose(seen(prompt, 2)));
        CHECK_FALSE(choice.choose(seen(prompt, 3)));
    }
}

TEST_CASE("a rule may begin and end by the clock", "[mock]") {
    FaultChoice outage{{{.fault = Mishap::empty, .from = 3s, .until = 8s}}, 1};
    FaultChoice end{{{.fault = Mishap::empty, .from = 3s}}, 1};
    std::string during_outage;
    std::string at_the_end;
    for (const auto now : {0ms, 2999ms, 3000ms, 7999ms, 8000ms, 9000ms}) {
        during_outage += outage.choose({.since_start = now}) ? 'x' : '.';
        at_the_end += end.choose({.since_start = now}) ? 'x' : '.';
    }
    CHECK(during_outage == "..xx..");
    CHECK(at_the_end == "..xxxx");
}

TEST_CASE("a rule may concern one request, by its id", "[mock]") {
    FaultChoice choice{{{.fault = Mishap::empty, .request = "id-7"}}, 1};
    CHECK_FALSE(choice.choose({.prompt = "a"}));
    CHECK_FALSE(choice.choose({.prompt = "a", .request = "id-70"}));
    CHECK(choice.choose({.prompt = "a", .request = "id-7"}));
}

TEST_CASE("the first rule that applies is the one", "[mock]") {
    FaultChoice choice{
        {{.fault = Mishap::hang_up_reused},
         {.fault = Mishap::cut_stream},
         {.fault = Mishap::html, .count = 1},
         {.fault = Mishap::empty}},
        1};
    CHECK(choice.choose({.index = 1, .stream = true})->fault == Mishap::hang_up_reused);
    CHECK(choice.choose({.index = 0, .stream = true})->fault == Mishap::cut_stream);
    CHECK(choice.choose({})->fault == Mishap::html);
    CHECK(choice.choose({})->fault == Mishap::empty);
}
