#include "dialect/answer/usage.hpp"

#include "support/catch.hpp"

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
        ) == Usage{32, 103}
    );
    // Gemini's OpenAI-like address, which does not say how much of it was reasoning.
    CHECK(
        counted(R"("prompt_tokens":10,"completion_tokens":5,"total_tokens":40)") == Usage{10, 30}
    );
    // OpenAI: inside.
    CHECK(
        counted(
            R"("prompt_tokens":10,"completion_tokens":90,"total_tokens":100,"completion_tokens_details":{"reasoning_tokens":80})"
        ) == Usage{10, 90}
    );
    // No total, and more reasoning than completion.
    CHECK(
        counted(R"("prompt_tokens":10,"completion_tokens":9,"reasoning_tokens":94)") ==
        Usage{10, 103}
    );
    CHECK(
        counted(
            R"("input_tokens":1,"output_tokens":9,"output_tokens_details":{"reasoning_tokens":5})"
        ) == Usage{1, 9}
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
