#include "config/prices/price_file.hpp"

#include "support/catch.hpp"

#include <string>

using namespace skein;
using namespace skein::config;
using Catch::Contains;

namespace {

PriceEntry entry_of(const std::string& text) {
    const auto found = price_entries("{\"m\":" + text + "}", "p.json", {"m"});
    if (!found) FAIL(found.error().text());
    REQUIRE(found->size() == 1);
    return found->begin()->second;
}

PriceEntry chat(const std::string& members) {
    return entry_of(
        R"({"mode":"chat","input_cost_per_token":2e-06,"output_cost_per_token":8e-06)" + members +
        "}"
    );
}

std::string complaint(const std::string& text) {
    const auto found = price_entries(text, "p.json", {"m"});
    REQUIRE_FALSE(found.has_value());
    return found.error().text();
}

double cost_above(const PriceEntry& entry, std::string_view tier, std::int64_t above) {
    for (const auto& rule : entry.rules) {
        if (rule.service_tier == tier && rule.above_input_tokens == above) return rule.prices.input;
    }
    return -1;
}

}  // namespace

TEST_CASE("An entry of a file of prices is read in prices of a million tokens.", "[prices]") {
    const auto entry = chat(
        R"(,"litellm_provider":"openai","max_input_tokens":128000,"cache_read_input_token_cost":5e-07,"cache_creation_input_token_cost":2.5e-06,"cache_creation_input_token_cost_above_1hr":4e-06,"output_cost_per_reasoning_token":9e-06)"
    );
    CHECK(entry.why_not.empty());
    CHECK(entry.prices.input == 2);
    CHECK(entry.prices.output == 8);
    CHECK(entry.prices.cached == 0.5);
    CHECK(entry.prices.cache_write == 2.5);
    CHECK(entry.prices.cache_write_1h == 4.0);
    CHECK(entry.prices.reasoning == 9.0);
    CHECK(entry.rules.empty());
    CHECK(
        entry_of(
            R"({"mode":"embedding","input_cost_per_token":1.3e-07,"output_cost_per_token":0.0})"
        )
            .prices.input == 0.13
    );
    CHECK_FALSE(chat("").prices.cached);
}

TEST_CASE("Prices of tiers and of long prompts become rules, the special ones last.", "[prices]") {
    const auto entry = chat(
        R"(,"cache_read_input_token_cost":5e-07,"output_cost_per_reasoning_token":9e-06,"input_cost_per_token_above_200k_tokens":4e-06,"output_cost_per_token_above_200k_tokens":1.2e-05,"input_cost_per_token_flex":1e-06,"input_cost_per_token_priority":4e-06,"output_cost_per_token_priority":1.6e-05,"input_cost_per_token_batches":1.5e-06,"input_cost_per_token_above_200k_tokens_priority":7e-06,"input_cost_per_token_priority_above_300k_tokens":6e-06,"cache_creation_input_token_cost_above_1hr_above_200k_tokens":3e-06)"
    );
    CHECK(cost_above(entry, "", 200'000) == 4);
    CHECK(cost_above(entry, "flex", -1) == 1);
    CHECK(cost_above(entry, "batch", -1) == 1.5);
    CHECK(cost_above(entry, "priority", -1) == 4);
    CHECK(cost_above(entry, "priority", 200'000) == 7);
    CHECK(cost_above(entry, "priority", 300'000) == 6);
    CHECK(entry.rules.size() == 6);
    const auto& above = entry.rules.front();
    CHECK(above.service_tier.empty());
    CHECK(above.prices.cached == 0.5);  // Not named with the condition.
    CHECK(above.prices.cache_write_1h == 3.0);
    CHECK_FALSE(above.prices.reasoning);  // Costs what the answer costs there.
    const auto& dearest = entry.rules.back();
    CHECK(dearest.service_tier == "priority");
    CHECK(dearest.above_input_tokens == 300'000);
    CHECK(dearest.prices.output == 16);  // Of the tier.
}

TEST_CASE(
    "xAI takes the higher price for exactly so many tokens, all others for more.", "[prices]"
) {
    const std::string above = R"(,"input_cost_per_token_above_128k_tokens":4e-06)";
    CHECK(chat(above).rules.at(0).above_input_tokens == 128'000);
    CHECK(chat(above + R"(,"litellm_provider":"xai")").rules.at(0).above_input_tokens == 127'999);
}

TEST_CASE("Only the entries that are asked for are read, by their exact names.", "[prices]") {
    const std::string text = R"({
        "sample_spec": {"mode": "one of: chat, embedding", "input_cost_per_token": "a sentence"},
        "m-2": {"mode": "chat", "input_cost_per_token": -1}, "M": 7, "m": {"mode": "chat", "input_cost_per_token": 1e-06}})";
    const auto found = price_entries(text, "p.json", {"m", "sample_spec", "groq/m"});
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    CHECK(found->at("m").prices.input == 1);
}

TEST_CASE("An entry without prices by tokens says why it has none.", "[prices]") {
    CHECK_THAT(
        entry_of(R"({"mode":"image_generation","input_cost_per_token":1})").why_not,
        Contains("its mode is image_generation")
    );
    CHECK_THAT(entry_of(R"({"input_cost_per_token":1})").why_not, Contains("it has no mode"));
    CHECK_THAT(entry_of(R"({"mode":"chat"})").why_not, Contains("no price of a token"));
    CHECK_THAT(
        entry_of(
            R"({"mode":"chat","input_cost_per_token":null,"output_cost_per_token":"8e-06","input_cost_per_token_flex":1e-06})"
        )
            .why_not,
        Contains("no price of a token")
    );
    for (const std::string mode : {"chat", "completion", "responses", "embedding"}) {
        CHECK(entry_of(R"({"mode":")" + mode + R"(","input_cost_per_token":0})").why_not.empty());
    }
}

TEST_CASE("Members of a file of prices that are no plain prices are passed over.", "[prices]") {
    const auto entry = chat(
        R"(,"input_cost_per_image":1e-3,"input_cost_per_token_above_":1,"input_cost_per_token_above_9999999999k_tokens":1,"input_cost_per_token_above_k_tokens":1,"input_cost_per_token_flex_flex":1,"input_cost_per_tokens":1,"output_cost_per_token_flexible":1,"cache_read_input_token_cost":{},"tiered_pricing":[{"range":[0,1]}],"off_peak_pricing":{"start":"16:30"},"search_context_cost_per_query":{"low":1})"
    );
    CHECK(entry.rules.empty());
    CHECK_FALSE(entry.prices.cached);
    CHECK(entry.not_read == std::vector<std::string>{"tiered_pricing", "off_peak_pricing"});
}

TEST_CASE("A wrong file of prices is refused by its name and that of the entry.", "[prices]") {
    CHECK_THAT(complaint(""), Contains("p.json: the file of prices is no JSON"));
    CHECK_THAT(complaint("[]"), Contains("must be one JSON object"));
    CHECK_THAT(complaint(R"({"m":7})"), Contains("p.json: entry `m`: it must be a JSON object"));
    CHECK_THAT(
        complaint(R"({"m":{"mode":"chat","input_cost_per_token":-1e-06}})"),
        Contains(
            "entry `m`: input_cost_per_token must be the price of one token, from 0 to 1e6, not -"
        )
    );
    CHECK_THAT(
        complaint(R"({"m":{"mode":"chat","input_cost_per_token":1e7}})"), Contains("from 0 to 1e6")
    );
    CHECK_THAT(
        complaint(R"({"m":{"mode":"chat"},"m":{"mode":"chat"}})"), Contains("`m` is there twice")
    );
    std::string many = R"({"m":{"mode":"chat","input_cost_per_token":0)";
    for (int i = 1; i < 40; ++i) {
        many += ",\"input_cost_per_token_above_" + std::to_string(i) + "k_tokens\":1";
    }
    CHECK_THAT(complaint(many + "}}"), Contains("more than 32 conditions"));
    const std::string deep = std::string(2000, '[') + std::string(2000, ']');
    CHECK_THAT(complaint(R"({"x":)" + deep + "}"), Contains("no JSON"));
}

TEST_CASE("A file of prices that is cut anywhere is refused and never half read.", "[prices]") {
    const std::string text =
        R"({"m":{"mode":"chat","input_cost_per_token":2e-06,"x":[null,{"y":"z"}]},"n":{}})";
    for (std::size_t length = 0; length < text.size(); ++length) {
        CHECK_FALSE(price_entries(text.substr(0, length), "p.json", {"m"}).has_value());
    }
    CHECK(price_entries(text, "p.json", {"m"}).has_value());
}
