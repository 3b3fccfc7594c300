#include "config_support.hpp"
#include "support/catch.hpp"

#include <string>

using namespace skein;
using namespace skein::test;
using Catch::Contains;

namespace {

const std::string file = R"({
    "sample_spec": {"mode": "a sentence"},
    "m": {"mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
          "cache_read_input_token_cost": 5e-07, "input_cost_per_token_flex": 1e-06},
    "groq/fast": {"mode": "chat", "input_cost_per_token": 3e-06},
    "anthropic/c": {"mode": "chat", "input_cost_per_token": 4e-06, "tiered_pricing": []},
    "gemini/g": {"mode": "chat", "input_cost_per_token": 5e-06},
    "vertex_ai/g": {"mode": "chat", "input_cost_per_token": 6e-06},
    "azure/d": {"mode": "chat", "input_cost_per_token": 7e-06},
    "picture": {"mode": "image_generation", "input_cost_per_token": 1}})";

// A job with one endpoint of these members, and the file of prices beside it.
Expected<Job, ConfigError> priced(const std::string& members, const std::string& more = "") {
    const Folder folder;
    folder.write("prices.json", file);
    const auto text = least_job_with(
        "    base_url: https://llm.example.com/v1\n",
        "    base_url: https://llm.example.com/v1\n    " + members + "\n"
    );
    return load_job(folder.write("job.yaml", text + "prices: prices.json\n" + more));
}

Endpoint endpoint_of(const std::string& members) {
    const auto job = priced(members);
    if (!job) FAIL(job.error().text());
    return job->settings.endpoints.front();
}

std::vector<std::string> warnings_of(const std::string& members) {
    const auto job = priced(members);
    if (!job) FAIL(job.error().text());
    return job->warnings;
}

}  // namespace

TEST_CASE("A model is looked up in the file of prices by its name.", "[config]") {
    const auto endpoint = endpoint_of("model: m");
    CHECK(endpoint.prices.input == 2);
    CHECK(endpoint.prices.output == 8);
    CHECK(endpoint.prices.cached == 0.5);
    CHECK(endpoint.prices_from == "prices.json, entry m");
    REQUIRE(endpoint.price_rules.size() == 1);
    CHECK(endpoint.price_rules[0].service_tier == "flex");
    CHECK(endpoint.price_rules[0].prices.input == 1);
    CHECK(endpoint.price_rules[0].prices.output == 8);
    CHECK(warnings_of("model: m").empty());
}

TEST_CASE("A model is looked up behind the prefix of its API, too, or of price_as.", "[config]") {
    CHECK(endpoint_of("model: fast\n    price_as: groq").prices.input == 3);
    CHECK(endpoint_of("model: c\n    api: anthropic\n    max_tokens: 9").prices.input == 4);
    CHECK(endpoint_of("model: g\n    api: gemini").prices.input == 5);
    CHECK(endpoint_of("model: d\n    api: azure").prices.input == 7);
    CHECK(endpoint_of("model: d\n    price_as: azure").prices.input == 7);
    // Never by a name that is only alike.
    CHECK(endpoint_of("model: fast").prices_from.empty());
    CHECK(endpoint_of("model: M").prices_from.empty());
    CHECK(endpoint_of("model: sample_spec").prices_from.empty());
}

TEST_CASE("What the job says wins over the file of prices.", "[config]") {
    const auto endpoint = endpoint_of("model: m\n    input_price: 0\n    cached_price: 0.25");
    CHECK(endpoint.prices.input == 0);
    CHECK(endpoint.prices.output == 8);
    CHECK(endpoint.prices.cached == 0.25);
    REQUIRE(endpoint.price_rules.size() == 1);
    CHECK(endpoint.price_rules[0].prices.input == 0);
    CHECK(endpoint.price_rules[0].prices.cached == 0.25);
}

TEST_CASE("An endpoint without prices in the file gets one warning.", "[config]") {
    REQUIRE(warnings_of("model: other\n    price_as: groq").size() == 1);
    CHECK_THAT(
        warnings_of("model: other\n    price_as: groq").front(),
        Contains("job.yaml:5:12: the cost of endpoint main is not known: prices.json has no entry "
                 "`other` or `groq/other`")
    );
    CHECK_THAT(warnings_of("model: picture").front(), Contains("its mode is image_generation"));
    CHECK_THAT(warnings_of("weight: 1").front(), Contains("names no model"));
    CHECK(warnings_of("model: other\n    input_price: 1\n    output_price: 2").empty());
    CHECK_THAT(
        warnings_of("model: c\n    api: anthropic\n    max_tokens: 9").front(),
        Contains("entry `anthropic/c` of prices.json has tiered_pricing, which is not read")
    );
}

TEST_CASE("A limit of the cost needs the prices of every endpoint that is looked up.", "[config]") {
    const auto wrong = priced("model: other", "limits: {max_cost: 1}\n");
    REQUIRE_FALSE(wrong.has_value());
    CHECK_THAT(
        wrong.error().text(),
        Contains(
            "job.yaml:5:12: max_cost needs the prices of endpoint main, and prices.json has no "
            "entry `other`; give its input_price and output_price, or price_as"
        )
    );
    CHECK(priced("model: m", "limits: {max_cost: 1}\n").has_value());
    CHECK(priced("model: other\n    input_price: 1", "limits: {max_cost: 1}\n").has_value());
}

TEST_CASE("A file of prices that cannot be read is refused where it is named.", "[config]") {
    const Folder folder;
    const auto told = [&](const std::string& text) {
        folder.write("prices.json", text);
        const auto job = load_job(folder.write("job.yaml", least_job + "prices: prices.json\n"));
        return job ? std::string{} : job.error().text();
    };
    CHECK_THAT(
        told("{"),
        Contains("job.yaml:12:9: ") && Contains("prices.json: the file of prices is no JSON")
    );
    CHECK_THAT(told(std::string(17 * 1024 * 1024, ' ')), Contains("it is larger than 16 MiB"));
    CHECK_THAT(
        complaint_about(least_job + "prices: there-is-none.json\n"),
        Contains("12:9: there-is-none.json: the file of prices cannot be read: No such file")
    );
    CHECK_THAT(complaint_about(least_job + "prices: .\n"), Contains("it is a folder"));
    CHECK_THAT(complaint_about(least_job + "prices: [a]\n"), Contains("prices must be"));
}

TEST_CASE("Prices of parts are read from the keys of an endpoint.", "[config]") {
    const auto job = parse_job(
        least_job_with(
            "    base_url: https://llm.example.com/v1\n",
            "    base_url: https://llm.example.com/v1\n    cached_price: 0.5\n    "
            "cache_write_price: 2\n    cache_write_1h_price: 3\n    reasoning_price: 9\n"
        ),
        "job.yaml"
    );
    REQUIRE(job.has_value());
    const auto& prices = job->settings.endpoints.front().prices;
    CHECK(prices.cached == 0.5);
    CHECK(prices.cache_write == 2.0);
    CHECK(prices.cache_write_1h == 3.0);
    CHECK(prices.reasoning == 9.0);
}
