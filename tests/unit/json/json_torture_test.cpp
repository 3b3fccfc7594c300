// Malformed JSON from an API ("torture"): each answer gives an outcome, and the kept body is valid.
#include "support/json_torture.hpp"

#include "dialect/http/error_answer.hpp"
#include "json/json.hpp"
#include "unit/dialect/read_answer.hpp"

using namespace skein;
using namespace skein::test;

namespace {

void check_sane(const Outcome& outcome) {
    if (const auto* completion = std::get_if<Completion>(&outcome)) {
        CHECK_FALSE(json::parse(completion->body).error());
        CHECK(completion->body.find_first_of("\r\n") == std::string::npos);
        std::string storage;
        const auto text = '"' + completion->text + '"';
        CHECK(json::mended(text, storage) == text);
    } else {
        CHECK(std::get<Fault>(outcome).detail.size() < 600);
    }
}

}  // namespace

TEST_CASE(
    "Malformed JSON beside the content keeps the answer, or makes it a bad response.", "[dialect]"
) {
    for (const auto& [title, value, valid] : json_torture()) {
        INFO(title);
        const auto outcome = read_answer(
            asked(), {}, R"({"choices":[{"message":{"content":"x"}}],"odd":)" + value + "}"
        );
        check_sane(outcome);
        if (valid) {
            CHECK(completion_of(outcome).text == "x");
        } else if (const auto* fault = std::get_if<Fault>(&outcome)) {
            CHECK(fault->kind == FaultKind::bad_response);
        }
    }
}

TEST_CASE("Malformed JSON in place of content, choices or usage gives an outcome.", "[dialect]") {
    for (const auto& [title, value, valid] : json_torture()) {
        INFO(title);
        for (const auto& body :
             {R"({"choices":[{"message":{"content":)" + value + "}}]}",
              R"({"choices":)" + value + "}",
              R"({"usage":)" + value + R"(,"choices":[{"message":{"content":"x"}}]})",
              R"({"error":)" + value + "}",
              value}) {
            check_sane(read_answer(asked(), {}, body));
            check_sane(read_answer(asked("/v1/embeddings"), {}, body));
        }
    }
}

TEST_CASE("Malformed JSON in a stream gives an outcome, however the stream is cut.", "[dialect]") {
    const Answer events{.content_type = "text/event-stream"};
    const std::string stop = R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}]})";
    for (const auto& [title, value, valid] : json_torture()) {
        INFO(title);
        for (const auto& event :
             {R"(data: {"choices":[{"delta":{"content":)" + value + "}}]}",
              R"(data: {"choices":[{"delta":{"content":"x"},"logprobs":)" + value + "}]}",
              R"(data: {"choices":[{"delta":{"tool_calls":)" + value + "}}]}",
              R"(data: {"choices":)" + value + "}",
              "data: " + value,
              "error: " + value}) {
            const auto bytes = event + "\n\n" + stop + "\n\ndata: [DONE]\n\n";
            const auto outcome = read_answer(streamed(), events, bytes);
            check_sane(outcome);
            const auto piece = 1 + bytes.size() / 7;
            REQUIRE(seen(read_in_pieces(streamed(), events, bytes, piece)) == seen(outcome));
        }
    }
}

TEST_CASE(
    "Malformed JSON in an error body does not change the meaning of the status.", "[dialect]"
) {
    for (const auto& [title, value, valid] : json_torture()) {
        INFO(title);
        for (const auto& body :
             {value,
              R"({"error":)" + value + "}",
              R"({"error":{"message":)" + value + R"(,"code":)" + value + "}}",
              R"({"error":{"details":[{"retryDelay":)" + value + "}]}}",
              R"({"detail":)" + value + "}"}) {
            const auto fault = fault_of_answer(400, {}, body, wall, {});
            CHECK(fault.kind == FaultKind::rejected);
            CHECK(fault.remote_message.size() <= 2048);
        }
    }
}

TEST_CASE(
    "A duplicate JSON member is read from its first value, and both stay in the body.", "[dialect]"
) {
    const auto completion = completion_of(read_answer(
        asked(), {}, R"({"choices":[{"message":{"content":"first","content":"second"}}]})"
    ));
    CHECK(completion.text == "first");
    CHECK_THAT(completion.body, Catch::Contains(R"("content":"first","content":"second")"));
}
