#include "dialect/answer/answer_writer.hpp"

#include "dialect/request/paths.hpp"
#include "support/catch.hpp"

using namespace skein;
using Catch::Contains;

namespace {

Prepared request_at(std::string_view path) {
    Prepared prepared;
    prepared.path = path;
    prepared.operation = operation_of(path);
    prepared.model = "asked";
    return prepared;
}

Completion whole(Completion given, std::string pieces = {}, std::string_view path = "") {
    const auto request = request_at(path.empty() ? "/v1/chat/completions" : path);
    auto outcome = whole_answer(std::move(given), std::move(pieces), request, "local-0-7");
    if (const auto* fault = std::get_if<Fault>(&outcome)) FAIL(fault->detail);
    return std::get<Completion>(std::move(outcome));
}

Fault wrong(Completion given, std::string_view path = "/v1/chat/completions") {
    const auto outcome = whole_answer(std::move(given), {}, request_at(path), "local-0-7");
    REQUIRE(std::holds_alternative<Fault>(outcome));
    CHECK(std::get<Fault>(outcome).kind == FaultKind::bad_response);
    return std::get<Fault>(outcome);
}

}  // namespace

TEST_CASE("The text of an in-process model is assembled from its pieces.", "[dialect]") {
    const auto answer = whole({}, "So it \"is\".\n");
    CHECK(answer.text == "So it \"is\".\n");
    CHECK(answer.finish_reason == "stop");
    CHECK(answer.model == "asked");
    CHECK(answer.http_status == 200);
    CHECK_FALSE(answer.usage);
    CHECK(
        answer.body ==
        R"({"id":"local-0-7","object":"chat.completion","model":"asked","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"So it \"is\".\n"},"finish_reason":"stop"}]})"
    );
}

TEST_CASE("Members that an in-process model sets are kept.", "[dialect]") {
    const auto answer = whole(
        {.text = "Yes",
         .finish_reason = "length",
         .usage = Usage{.input_tokens = 3, .output_tokens = 4},
         .model = "mine"},
        "other words",
        "/v1/completions"
    );
    CHECK(answer.text == "Yes");
    CHECK(answer.model == "mine");
    CHECK(
        answer.body ==
        R"({"id":"local-0-7","object":"text_completion","model":"mine","choices":[{"index":0,)"
        R"("text":"Yes","finish_reason":"length"}],)"
        R"("usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})"
    );
}

TEST_CASE("The parts of an in-process model's usage are written into its body.", "[dialect]") {
    const auto answer = whole({.text = "Yes", .usage = Usage{10, 5, 4, 3, 2, 1}});
    CHECK(answer.usage == Usage{10, 5, 4, 3, 2, 1});
    CHECK_THAT(
        answer.body,
        Contains(R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,)"
                 R"("prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":3,)"
                 R"("cache_write_1h_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}})"
        )
    );
    CHECK(whole({.text = "Yes", .usage = Usage{10, -5, 40}}).usage == Usage{10, 0, 10});
    CHECK(whole({.body = answer.body}).usage == answer.usage);
}

TEST_CASE("An empty answer of an in-process model is valid.", "[dialect]") {
    CHECK_THAT(whole({}).body, Contains(R"("content":"")"));
}

TEST_CASE("Invalid UTF-8 from an in-process model is repaired.", "[dialect]") {
    const auto answer = whole({}, "caf\xC3");
    CHECK(answer.text == "caf\uFFFD");
    CHECK_THAT(answer.body, Contains("caf\uFFFD"));
}

TEST_CASE("A body from an in-process model is read and written on one line.", "[dialect]") {
    const auto answer = whole({.body = R"({ "model": "mine",
        "choices": [{"message": {"content": "Yes"}, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2} })"});
    CHECK(answer.text == "Yes");
    CHECK(answer.finish_reason == "tool_calls");
    CHECK(answer.model == "mine");
    CHECK(answer.usage == Usage{.input_tokens = 1, .output_tokens = 2});
    CHECK(answer.body.find('\n') == std::string::npos);
    CHECK(answer.body.find("{\"model\":\"mine\",") == 0);
}

TEST_CASE("An invalid body from an in-process model is a fault with the reason.", "[dialect]") {
    CHECK_THAT(wrong({.body = "Yes"}).detail, Contains("the local model: the answer is not JSON"));
    CHECK_THAT(wrong({.body = "{}"}).detail, Contains("no list of `choices`"));
    CHECK_THAT(wrong({.body = R"({"error":{"message":"no"}})"}).detail, Contains("give a Fault"));
}

TEST_CASE("An in-process model answers an unknown operation by its body.", "[dialect]") {
    Prepared request;
    request.path = "/score";
    request.operation = Operation::other;
    const auto given = whole_answer({.body = R"({"score":1})"}, {}, request, "id");
    CHECK(std::get<Completion>(given).body == R"({"score":1})");
    CHECK(std::holds_alternative<Fault>(whole_answer({.text = "x"}, {}, request, "id")));
}

TEST_CASE("An in-process model answers embeddings by its body.", "[dialect]") {
    const auto answer = whole({.body = R"({"data":[{"embedding":[1,2]}]})"}, {}, "/v1/embeddings");
    CHECK(answer.body == R"({"data":[{"embedding":[1,2]}]})");
    CHECK(answer.finish_reason.empty());
    CHECK_THAT(wrong({.text = "1"}, "/v1/embeddings").detail, Contains("`Completion::body`"));
}
