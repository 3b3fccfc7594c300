#include "mock_server/weather.hpp"

#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace skein::mock;
using namespace std::chrono_literals;

namespace {

std::string error_in(const std::string& text) {
    const auto weather = parse_weather(text, "w.yaml");
    return weather ? "no error" : weather.error().text;
}

std::vector<std::string> examples_of_the_readme() {
    const auto root = std::filesystem::path{SKEIN_SOURCE_FOLDER} / "mock_server";
    std::ifstream in{root / "README.md"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    std::vector<std::string> examples;
    const std::string fence = "```yaml\n";
    for (auto at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
        at += fence.size();
        examples.push_back(text.substr(at, text.find("```", at) - at));
    }
    return examples;
}

}  // namespace

TEST_CASE("an empty file is fair weather", "[mock]") {
    CHECK(parse_weather("").value() == Weather{});
    CHECK(parse_weather("{}").value() == Weather{});
}

TEST_CASE("weather is read from YAML", "[mock]") {
    const auto weather = parse_weather(R"(
seed: 7
latency: 20ms
first_token: {lognormal: {median: 200ms, sigma: 0.5}}
per_token: {uniform: {from: 0, to: 1.5s}}
rpm: 600
require_key: true
key: right
faults:
  - {fault: 429, headers: {retry-after: "1"}, rate: 0.25}
  - {fault: stall, after_tokens: 3, first_attempts: 2, contains: "river", after: 1m}
)")
                             .value();
    CHECK(weather.seed == 7);
    CHECK(weather.latency == Distribution{Constant{20ms}});
    CHECK(weather.first_token == Distribution{Lognormal{200ms, 0.5}});
    CHECK(weather.per_token == Distribution{Uniform{0ms, 1500ms}});
    CHECK(weather.rpm == 600);
    CHECK(weather.require_key);
    CHECK(weather.key == "right");
    REQUIRE(weather.faults.size() == 2);
    CHECK(weather.faults[0].status == 429);
    CHECK(weather.faults[0].headers == HeaderLines{{"retry-after", "1"}});
    CHECK(weather.faults[0].rate == 0.25);
    CHECK(weather.faults[1].fault == Mishap::stall);
    CHECK(weather.faults[1].first_attempts == 2u);
    CHECK(weather.faults[1].after == 1min);
}

TEST_CASE("what is written as JSON is read back as the same weather", "[mock]") {
    Weather weather{
        .seed = ~std::uint64_t{0},
        .latency = Exponential{123ns},
        .first_token = Uniform{1ms, 2ms},
        .per_token = Lognormal{3ms, 0.125},
        .rpm = 12.5,
        .burst = 3,
        .require_key = true,
        .key = "right",
        .keep_alive = false,
    };
    weather.faults.push_back(
        {.fault = Mishap::redirect,
         .status = 308,
         .body = "a \"b\"\n\\ {x: y}",
         .headers = {{"a", "1"}, {"b", ": #"}},
         .location = "http://127.0.0.1:1/",
         .after_bytes = 1,
         .after_tokens = 2,
         .bytes = 3,
         .interval = 4ms,
         .after = 5s,
         .rate = 0.5,
         .count = 6,
         .every = 7,
         .first_attempts = 8,
         .from = 9s,
         .until = 10s,
         .request = "id",
         .contains = "text"}
    );
    weather.faults.push_back({.fault = Mishap::silence});
    CHECK(parse_weather(to_json(weather)).value() == weather);
    CHECK(parse_weather(to_json({})).value() == Weather{});
}

TEST_CASE("every example of the README is weather, and every fault has one", "[mock]") {
    const auto examples = examples_of_the_readme();
    REQUIRE(examples.size() == 2);
    CHECK(parse_weather(examples[0]).value().burst == 20);
    const auto rules = parse_weather(examples[1]).value().faults;
    for (auto fault = Mishap::status; fault <= Mishap::raw;
         fault = static_cast<Mishap>(static_cast<int>(fault) + 1)) {
        CAPTURE(name_of(fault));
        CHECK(std::any_of(rules.begin(), rules.end(), [&](auto& rule) {
            return rule.fault == fault;
        }));
        CHECK(mishap_named(name_of(fault)) == fault);
    }
}

TEST_CASE("a mistake in the weather is told with its place", "[mock]") {
    CHECK(error_in("seed: 1\nlatncy: 5ms") == "w.yaml:2:1: the weather has no key latncy");
    CHECK(error_in("faults:\n  - {fault: storm}") == "w.yaml:2:13: there is no fault storm");
    CHECK(error_in("faults:\n  - {fault: empty, rte: 1}") == "w.yaml:2:20: a fault has no key rte");
    CHECK(error_in("seed: 1\nseed: 2") == "w.yaml:2:1: seed is said twice");
    CHECK(
        error_in("latency: 20") ==
        "w.yaml:1:10: latency must be a time from 0 to 24h, such as 250ms or 1.5s, not 20"
    );
    CHECK(
        error_in("faults: [{fault: empty, rate: 1.5}]") ==
        "w.yaml:1:31: rate must be a number from 0 to 1, not 1.5"
    );
    CHECK(
        error_in("latency: {normal: {}}") ==
        "w.yaml:1:10: latency must be a time, or one of uniform, exponential, lognormal, not normal"
    );
    CHECK(error_in("faults: [{rate: 1}]").find("must say which") != std::string::npos);
    CHECK(error_in("faults: 3") == "w.yaml:1:9: faults must be a list");
    CHECK(error_in("- 1").find("must be an object") != std::string::npos);
    CHECK(error_in("seed: {").starts_with("w.yaml:"));
    CHECK(load_weather("no/such/file").error().text == "no/such/file: cannot be read");
}

TEST_CASE("times that are none are refused", "[mock]") {
    for (const auto* text :
         {"-1ms",
          "1e3ms",
          "ms",
          "",
          "1 ms",
          "nan",
          "inf",
          "nans",
          "infs",
          "25h",
          "1ms ",
          "0x1s",
          "1ss",
          "99999999999999999999h",
          "[1ms]",
          "~"}) {
        CAPTURE(text);
        const auto yaml = std::string{"faults: [{fault: empty, after: '"} + text + "'}]";
        CHECK_FALSE(parse_weather(yaml).has_value());
    }
    CHECK(parse_weather("latency: 0").value().latency == Distribution{Constant{0ms}});
    CHECK(parse_weather("latency: 0.25us").value().latency == Distribution{Constant{250ns}});
}

TEST_CASE("numbers out of their bounds are refused", "[mock]") {
    for (const auto* text :
         {"seed: -1",
          "seed: 1.5",
          "seed: 18446744073709551616",
          "rpm: nan",
          "rpm: -1",
          "require_key: yes",
          "faults: [{fault: 99}]",
          "faults: [{fault: 1000}]",
          "faults: [{fault: empty, every: 0}]",
          "faults: [{fault: empty, bytes: 0}]",
          "faults: [{fault: empty, from: 2s, until: 1s}]",
          "latency: {uniform: {from: 2s, to: 1s}}",
          "latency: {lognormal: {median: 1s, sigma: -1}}"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_weather(text).has_value());
    }
}
