#include "dialect/http/model_name.hpp"

#include "unit/dialect/read_answer.hpp"

using namespace skein;
using namespace skein::test;

TEST_CASE("A model name with a date, a vendor or another case is the same model.", "[dialect]") {
    for (const auto& [asked, answered] : std::vector<std::pair<std::string, std::string>>{
             {"small", "small"},
             {"gpt-4o", "gpt-4o-2024-08-06"},
             {"gpt-4", "gpt-4-0613"},
             {"claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"},
             {"gemini-1.5-pro", "models/gemini-1.5-pro-002"},
             {"openai/gpt-4o", "gpt-4o"},
             {"meta-llama/Llama-3.1-8B", "llama-3.1-8b"},
             {"llama3", "llama3:latest"},
             {"claude-3-haiku", "claude-3-haiku@20240307"},
             {"", "anything"},
             {"small", ""},
         }) {
        CAPTURE(asked, answered);
        CHECK(is_same_model(asked, answered));
        CHECK(is_same_model(answered, asked));
    }
}

TEST_CASE("A model name that only begins alike is another model.", "[dialect]") {
    for (const auto& [asked, answered] : std::vector<std::pair<std::string, std::string>>{
             {"small", "large"},
             {"gpt-4o", "gpt-4o-mini"},
             {"gpt-4", "gpt-3"},
             {"gpt-4", "gpt-4-turbo"},
             {"llama-3.1-8b", "llama-3.1-70b"},
             {"a/b", "a"},
             {"123", "456"},
             {"-2024-08-06", "x"},
             {"/", "x"},
         }) {
        CAPTURE(asked, answered);
        CHECK_FALSE(is_same_model(asked, answered));
        CHECK_FALSE(is_same_model(answered, asked));
    }
}

TEST_CASE("An answer from another model is flagged, streamed or not.", "[dialect]") {
    const std::string plain =
        R"({"model":"large","choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})";
    const std::string event =
        "data: "
        R"({"model":"large","choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]})"
        "\n\n";
    const Answer events{.content_type = "text/event-stream"};
    const Endpoint small{.model = "small"};
    const Endpoint large{.model = "large"};
    CHECK(completion_of(read_answer(asked(), {}, plain, {}, small)).model_mismatch);
    CHECK(completion_of(read_answer(streamed(), events, event, {}, small)).model_mismatch);
    CHECK_FALSE(completion_of(read_answer(asked(), {}, plain, {}, large)).model_mismatch);
    CHECK_FALSE(completion_of(read_answer(asked(), {}, plain)).model_mismatch);

    auto own = asked();  // The endpoint names none.
    own.model = "small";
    CHECK(completion_of(read_answer(own, {}, plain)).model_mismatch);
    CHECK_FALSE(completion_of(read_answer(own, {}, plain, {}, large)).model_mismatch);
}
