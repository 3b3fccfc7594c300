#include "settings/check/check_settings.hpp"

#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <limits>

using namespace skein;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

Settings settings() { return {.endpoints = {{.url = "https://llm.example.com/v1"}}}; }

// The error after one change of valid settings.
template <class Change>
std::string after(Change change) {
    auto changed = settings();
    change(changed);
    const auto wrong = check_settings(changed);
    return wrong ? wrong->text() : std::string{};
}

template <class Change>
std::string endpoint_after(Change change) {
    return after([&](Settings& s) { change(s.endpoints.front()); });
}

}  // namespace

TEST_CASE("Settings with one endpoint and defaults are valid.", "[config]") {
    CHECK_FALSE(check_settings(settings()));
    CHECK(after([](Settings& s) { s.in_flight = 100'000; }).empty());
    CHECK(after([](Settings& s) { s.wire_threads = 0; }).empty());
    CHECK(after([](Settings& s) { s.timeouts.idle = 0s; }).empty());
    CHECK(endpoint_after([](Endpoint& e) { e.url = "mock:"; }).empty());
    CHECK(endpoint_after([](Endpoint& e) { e.api_key = Secret{"CANARY-key"}; }).empty());
}

TEST_CASE("Settings have one endpoint, or several with unique names.", "[config]") {
    CHECK_THAT(
        after([](Settings& s) { s.endpoints.clear(); }),
        Contains("endpoints: there must be from 1 to 100 endpoints, not 0")
    );
    CHECK_THAT(
        after([](Settings& s) { s.endpoints.push_back(s.endpoints.front()); }),
        Contains("endpoints[1].name: two endpoints are called")
    );
    const auto with_a_second = [](Endpoint second) {
        return after([&](Settings& s) { s.endpoints.push_back(second); });
    };
    CHECK(with_a_second({.name = "b", .url = "mock:", .tier = 2, .weight = 0.5}).empty());
    CHECK_THAT(with_a_second({.name = "b", .url = "x:"}), Contains("endpoints[1].url: "));
    CHECK_THAT(
        with_a_second({.name = "b", .url = "mock:", .tier = -1}),
        Contains("endpoints[1].tier: tier must be")
    );
    CHECK_THAT(
        with_a_second({.name = "b", .url = "mock:", .weight = 0}),
        Contains("endpoints[1].weight: weight must be")
    );
    CHECK_THAT(
        with_a_second({.name = "b", .url = "mock:", .prices = {.input = -1}}),
        Contains("endpoints[1].input_price: input_price must be")
    );
    CHECK_THAT(
        with_a_second({.name = "b", .url = "mock:", .prices = {.cached = -1}}),
        Contains("endpoints[1].cached_price: cached_price must be")
    );
    CHECK_THAT(
        with_a_second(
            {.name = "b", .url = "mock:", .price_rules = {{.prices = {.reasoning = 1e13}}}}
        ),
        Contains("endpoints[1].price_rules.reasoning_price: reasoning_price must be")
    );
}

TEST_CASE("A limit of the cost needs a price.", "[config]") {
    CHECK_THAT(after([](Settings& s) { s.max_cost = 1; }), Contains("max_cost: max_cost needs"));
    CHECK_THAT(after([](Settings& s) { s.max_cost = -1; }), Contains("max_cost: max_cost must be"));
    CHECK(after([](Settings& s) {
              s.max_cost = 1;
              s.endpoints.front().prices.output = 2;
          }).empty());
}

TEST_CASE("A number in the settings outside its range is refused by its name.", "[config]") {
    CHECK(after([](Settings& s) {
              s.in_flight = 0;
          }) == "in_flight: in_flight must be a whole number from 1 to 100000, not 0");
    CHECK_THAT(after([](Settings& s) { s.in_flight = 100'001; }), Contains("not 100001"));
    CHECK_THAT(after([](Settings& s) { s.window = 0; }), Contains("window: "));
    CHECK_THAT(after([](Settings& s) { s.window_bytes = 0; }), Contains("window_bytes: "));
    CHECK_THAT(after([](Settings& s) { s.attempts = 0; }), Contains("attempts: "));
    CHECK_THAT(after([](Settings& s) { s.attempts = -3; }), Contains("from 1 to 100, not -3"));
    CHECK_THAT(after([](Settings& s) { s.attempts = 101; }), Contains("attempts: "));
    CHECK_THAT(after([](Settings& s) { s.wire_threads = 17; }), Contains("from 0 to 16"));
    CHECK_THAT(after([](Settings& s) { s.read.body = 0; }), Contains("read.body: body must be"));
    CHECK_THAT(after([](Settings& s) { s.read.depth = 1'001; }), Contains("read.depth: "));
    CHECK_THAT(
        after([](Settings& s) { s.timeouts.connect = -1s; }), Contains("timeouts.connect: ")
    );
    CHECK_THAT(after([](Settings& s) { s.timeouts.first_byte = -1s; }), Contains("first_byte"));
    CHECK_THAT(
        after([](Settings& s) { s.max_retry_after = Duration::max(); }),
        Contains("max_retry_after: ")
    );
    CHECK_THAT(after([](Settings& s) { s.first_answer = -1s; }), Contains("first_answer: "));
    CHECK_THAT(
        after([](Settings& s) { s.same_refusals = 1'000'001; }), Contains("same_refusals: ")
    );
    CHECK_THAT(after([](Settings& s) { s.backoff.max = -1ns; }), Contains("backoff.max: "));
}

TEST_CASE("An error in an endpoint names the endpoint and the setting.", "[config]") {
    CHECK_THAT(endpoint_after([](Endpoint& e) { e.url = ""; }), Contains("endpoints[0].url: "));
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.url = "http://example.com"; }),
        Contains("allow_plaintext")
    );
    CHECK(endpoint_after([](Endpoint& e) {
              e.url = "http://example.com";
              e.allow_plaintext = true;
          }).empty());
    for (const std::string& name :
         std::vector<std::string>{"", "a b", "a.b", "a\n", "\x1B[2J", std::string(65, 'a')}) {
        CAPTURE(name);
        CHECK_THAT(
            endpoint_after([&](Endpoint& e) { e.name = name; }), Contains("endpoints[0].name: ")
        );
    }
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.model = "m\r\n"; }), Contains("endpoints[0].model: ")
    );
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.in_flight = 100'001; }),
        Contains("endpoints[0].in_flight: ")
    );
    CHECK_THAT(endpoint_after([](Endpoint& e) { e.rpm = -1; }), Contains("endpoints[0].rpm: "));
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.tpm = std::numeric_limits<double>::quiet_NaN(); }),
        Contains("endpoints[0].tpm: ")
    );
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.input_tpm = -1; }),
        Contains("endpoints[0].input_tpm: input_tpm must be a number from 0")
    );
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.output_tpm = 1e13; }),
        Contains("endpoints[0].output_tpm: output_tpm must be a number from 0")
    );
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.rpm = std::numeric_limits<double>::infinity(); }),
        Contains("endpoints[0].rpm: ")
    );
}

TEST_CASE("A key that could break a header line is refused, and not shown.", "[config]") {
    for (const auto* key :
         {"CANARY\r\nX-Evil: 1", "CANARY\n", "CANARY\x01", " CANARY", "CANARY "}) {
        const auto text = endpoint_after([&](Endpoint& e) { e.api_key = Secret{key}; });
        CHECK_THAT(text, Contains("endpoints[0].api_key: ") && !Contains("CANARY"));
    }
}

TEST_CASE("Headers are checked one by one, and their values are not shown.", "[config]") {
    const auto with = [](std::vector<std::pair<std::string, std::string>> headers) {
        return endpoint_after([&](Endpoint& e) { e.headers = std::move(headers); });
    };
    CHECK(with({{"x-a", "1"}, {"x-b", ""}}).empty());
    CHECK_THAT(with({{"x-a", "1"}, {"x b", "2"}}), Contains("endpoints[0].headers[1]: "));
    CHECK_THAT(with({{"Host", "evil"}}), Contains("set by skein itself"));
    CHECK_THAT(with({{"x-a", "CANARY\r\nHost: x"}}), Contains("line break") && !Contains("CANARY"));
    CHECK_THAT(with({{"X-A", "1"}, {"x-a", "2"}}), Contains("is given twice"));
}

TEST_CASE(
    "The extra of an endpoint must be a JSON object, and its max_tokens a count.", "[config]"
) {
    const auto with_extra = [](std::string extra) {
        return endpoint_after([&](Endpoint& e) { e.extra = std::move(extra); });
    };
    for (const auto* wrong : {"[1]", "{\"a\":", "a", "{} {}"}) {
        CHECK_THAT(
            with_extra(wrong), Contains("endpoints[0].extra: must be the text of a JSON object")
        );
    }
    CHECK(with_extra(R"({"a":[1]})") == with_extra(""));
    CHECK_THAT(
        endpoint_after([](Endpoint& e) { e.max_tokens = -1; }),
        Contains("endpoints[0].max_tokens: ")
    );
}

TEST_CASE("A CA file must exist.", "[config]") {
    const test::Folder folder;
    const auto path = folder.write("ca.pem", "x");
    CHECK(endpoint_after([&](Endpoint& e) { e.ca_file = path; }).empty());
    CHECK_THAT(
        endpoint_after([&](Endpoint& e) { e.ca_file = path + "x"; }),
        Contains("endpoints[0].ca_file: there is no CA file")
    );
    CHECK_THAT(
        endpoint_after([&](Endpoint& e) { e.ca_file = folder.path(""); }),
        Contains("there is no CA file")
    );
}
