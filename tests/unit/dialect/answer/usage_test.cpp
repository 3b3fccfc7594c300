#include "dialect/answer/usage.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <string>

using namespace skein;

namespace {

std::optional<Usage> of(const std::string& text) {
    json::Element root;
    REQUIRE_FALSE(json::parse(text).get(root));
    return usage_in(root);
}

std::optional<Usage> counted(const std::string& members) {
    return of(R"({"usage":{)" + members + "}}");
}

}  // namespace

TEST_CASE("Reasoning tokens beside the completion count as output, by the total.", "[dialect]") {
    // xAI.
    CHECK(
        counted(
            R"("prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94})"
        ) == Usage{.input_tokens = 32, .output_tokens = 103, .reasoning_tokens = 94}
    );
    // Gemini's OpenAI-like address, which does not say how much of it was reasoning.
    CHECK(
        counted(R"("prompt_tokens":10,"completion_tokens":5,"total_tokens":40)") == Usage{10, 30}
    );
    // OpenAI: inside.
    CHECK(
        counted(
            R"("prompt_tokens":10,"completion_tokens":90,"total_tokens":100,"completion_tokens_details":{"reasoning_tokens":80})"
        ) == Usage{.input_tokens = 10, .output_tokens = 90, .reasoning_tokens = 80}
    );
    // No total, and more reasoning than completion.
    CHECK(
        counted(R"("prompt_tokens":10,"completion_tokens":9,"reasoning_tokens":94)") ==
        Usage{.input_tokens = 10, .output_tokens = 103, .reasoning_tokens = 94}
    );
    CHECK(
        counted(
            R"("input_tokens":1,"output_tokens":9,"output_tokens_details":{"reasoning_tokens":5})"
        ) == Usage{.input_tokens = 1, .output_tokens = 9, .reasoning_tokens = 5}
    );
}

TEST_CASE("Missing token counts are derived from the other counts.", "[dialect]") {
    CHECK(counted(R"("prompt_tokens":3)") == Usage{3, 0});
    CHECK(counted(R"("completion_tokens":3)") == Usage{0, 3});
    CHECK(counted(R"("total_tokens":9)") == Usage{9, 0});
    CHECK(counted(R"("prompt_tokens":3,"total_tokens":9)") == Usage{3, 6});
    CHECK(counted(R"("completion_tokens":3,"total_tokens":9)") == Usage{6, 3});
    CHECK(counted(R"("prompt_tokens":3,"completion_tokens":2,"total_tokens":1)") == Usage{3, 2});
    CHECK(counted(R"("input_tokens":3,"output_tokens":2)") == Usage{3, 2});
    for (const std::string none :
         {"",
          R"("prompt_tokens":null)",
          R"("prompt_tokens":-1)",
          R"("total_tokens":-1)",
          R"("queue_time":0.1)"}) {
        INFO(none);
        CHECK_FALSE(counted(none));
    }
}

TEST_CASE("The usage in Groq's x_groq is read.", "[dialect]") {
    CHECK(
        of(R"({"x_groq":{"id":"r","usage":{"prompt_tokens":7,"completion_tokens":3}}})") ==
        Usage{7, 3}
    );
    CHECK(of(R"({"usage":null,"x_groq":{"usage":{"prompt_tokens":7}}})") == Usage{7, 0});
    CHECK_FALSE(of(R"({"x_groq":{"id":"r"}})"));
}

TEST_CASE("The parts of a usage are found where each server puts them.", "[dialect]") {
    struct Row {
        const char* server;
        const char* members;
        Usage usage;
    };
    const Row rows[] = {
        {"OpenAI, Azure, vLLM",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":20,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":30})",
         {100, 50, 60, 20, 0, 30}},
        {"Responses",
         R"("input_tokens":100,"output_tokens":50,"total_tokens":150,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":20},"output_tokens_details":{"reasoning_tokens":30})",
         {100, 50, 60, 20, 0, 30}},
        {"Anthropic, in its own words",
         R"("input_tokens":20,"output_tokens":50,"cache_read_input_tokens":60,"cache_creation_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":15},"output_tokens_details":{"thinking_tokens":30})",
         {100, 50, 60, 20, 15, 30}},
        {"a proxy that repeats Anthropic's words",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"cache_read_input_tokens":60,"cache_creation_input_tokens":20)",
         {100, 50, 60, 20, 0, 0}},
        {"Anthropic and Gemini, in the common form",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":20,"cache_write_1h_tokens":15},"completion_tokens_details":{"reasoning_tokens":30})",
         {100, 50, 60, 20, 15, 30}},
        {"xAI, more cached than prompt",
         R"("prompt_tokens":40,"completion_tokens":9,"total_tokens":143,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":94})",
         {100, 103, 60, 0, 0, 94}},
        {"xAI, with the cached tokens in the total",
         R"("prompt_tokens":40,"completion_tokens":9,"total_tokens":203,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":94})",
         {100, 103, 60, 0, 0, 94}},
        {"DeepSeek",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_cache_hit_tokens":60,"prompt_cache_miss_tokens":40,"completion_tokens_details":{"reasoning_tokens":30})",
         {100, 50, 60, 0, 0, 30}},
        {"Mistral",
         R"("prompt_tokens":100,"completion_tokens":50,"num_cached_tokens":60,"prompt_tokens_details":{"cached_tokens":1})",
         {100, 50, 60}},
        {"Mistral, second spelling",
         R"("prompt_tokens":100,"completion_tokens":50,"num_cached_tokens":null,"prompt_tokens_details":{"cached_tokens":60},"prompt_token_details":{"cached_tokens":1})",
         {100, 50, 60}},
        {"Mistral, third spelling",
         R"("prompt_tokens":100,"completion_tokens":50,"prompt_token_details":{"cached_tokens":60})",
         {100, 50, 60}},
        {"SGLang",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60},"reasoning_tokens":30)",
         {100, 50, 60, 0, 0, 30}},
        {"OpenRouter",
         R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"cost":0.00125,"cost_details":{})",
         {100, 50, 0, 0, 0, 0, 0.00125}},
        {"Cohere",
         R"("billed_units":{"input_tokens":7},"tokens":{"input_tokens":100,"output_tokens":50},"cached_tokens":60)",
         {100, 50, 60}},
        {"Bedrock",
         R"("inputTokens":20,"outputTokens":50,"totalTokens":150,"cacheReadInputTokens":60,"cacheWriteInputTokens":20)",
         {100, 50, 60, 20}},
    };
    for (const auto& row : rows) {
        INFO(row.server);
        CHECK(counted(row.members) == row.usage);
        const auto groq = of(R"({"x_groq":{"usage":{)" + std::string{row.members} + "}}}");
        CHECK(groq == row.usage);
    }
}

TEST_CASE("A part of a usage is never negative, absurd or larger than its whole.", "[dialect]") {
    const std::string sums = R"("prompt_tokens":10,"completion_tokens":5,"total_tokens":15)";
    for (const std::string nonsense :
         {"-1",
          "1e3",
          "\"7\"",
          "1.5",
          "18446744073709551615",
          "9223372036854775807",
          "null",
          "{}"}) {
        INFO(nonsense);
        CHECK(
            counted(
                sums + R"(,"prompt_tokens_details":{"cached_tokens":)" + nonsense +
                R"(,"cache_write_tokens":)" + nonsense + R"(},"reasoning_tokens":)" + nonsense
            ) == Usage{10, 5}
        );
    }
    CHECK(
        counted(
            sums +
            R"(,"prompt_tokens_details":{"cached_tokens":99,"cache_write_tokens":9,"cache_write_1h_tokens":99},"reasoning_tokens":99)"
        ) == Usage{10, 5, 10, 0, 0, 5}
    );
    CHECK(
        counted(
            sums +
            R"(,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":9,"cache_write_1h_tokens":99})"
        ) == Usage{10, 5, 4, 6, 6}
    );
    for (const std::string nonsense : {"-0.5", "1e13", "\"7\"", "{\"total_cost\":1}", "null"}) {
        INFO(nonsense);
        CHECK(counted(sums + R"(,"cost":)" + nonsense) == Usage{10, 5});
    }
    const auto cost = counted(sums + R"(,"cost":2)");
    REQUIRE(cost);
    CHECK(cost->cost == 2.0);
    CHECK_FALSE(with_parts_inside({.cost = std::nan("")}).cost);
}

TEST_CASE("Of two reports of a stream each count is the larger one.", "[dialect]") {
    CHECK(
        larger_of({10, 5, 4, 6, 2, 1, 0.5}, {10, 9, 0, 0, 0, 7}) == Usage{10, 9, 4, 6, 2, 7, 0.5}
    );
    CHECK(larger_of({10, 0, 10}, {10, 0, 0, 10}) == Usage{10, 0, 10});
}
