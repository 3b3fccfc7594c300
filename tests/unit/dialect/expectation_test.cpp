#include "dialect/expectation.hpp"

#include "dialect/request/request_writer.hpp"
#include "support/catch.hpp"

#include <string>

using namespace skein;
using Catch::Matchers::Contains;

namespace {

const std::string wants_number = R"({"type":"object","properties":{"a":{"type":"number"}}})";

RequestPtr chat(std::string body = R"({"messages":[{"role":"user","content":"?"}]})") {
    auto made = prepare({.body = std::move(body)});
    REQUIRE(made.has_value());
    return std::make_shared<const Prepared>(std::move(*made));
}

Completion said(std::string text, std::string reason = "stop") {
    Completion completion{.text = std::move(text), .finish_reason = std::move(reason)};
    completion.body = R"({"choices":[{"message":{"content":"…"}}]})";
    completion.usage = Usage{.input_tokens = 3, .output_tokens = 4};
    return completion;
}

AttemptResult checked(const Expect& expect, Completion completion, const RequestPtr& request) {
    AttemptResult result{std::move(completion), {}};
    Expectation{expect}.check(request, Endpoint{}, result);
    return result;
}

std::string detail_of(const AttemptResult& result) {
    const auto* fault = std::get_if<Fault>(&result.outcome);
    CHECK((fault == nullptr) == (result.unfit == nullptr));
    if (!fault) return {};
    CHECK(fault->kind == FaultKind::invalid_output);
    CHECK(fault->http_status == 200);
    return fault->detail;
}

}  // namespace

TEST_CASE("An answer that fits its schema is left as it is.", "[dialect]") {
    const auto result = checked({.schema = wants_number}, said(R"( {"a":1} )"), chat());
    CHECK(detail_of(result).empty());
    const auto& completion = std::get<Completion>(result.outcome);
    CHECK(completion.text == R"( {"a":1} )");
    CHECK_FALSE(completion.unfenced);
    CHECK(completion.note.empty());
}

TEST_CASE("An answer that does not fit is asked again with its errors.", "[dialect]") {
    const auto request = chat(R"({"model":"m","messages":[{"role":"user","content":"?"}],"n":1,
        "stream":true})");
    const auto result = checked({.schema = wants_number}, said(R"({"a":"\"x"})"), request);
    CHECK(
        detail_of(result) ==
        "the answer does not fit the schema: `/a`: must be a number, is a string."
    );
    CHECK(std::get<Fault>(result.outcome).body == R"({"choices":[{"message":{"content":"…"}}]})");
    REQUIRE(result.unfit->again);
    CHECK(result.unfit->usage->output_tokens == 4);
    CHECK(
        result.unfit->again->body ==
        R"({"model":"m","messages":[{"role":"user","content":"?"},)"
        R"({"role":"assistant","content":"{\"a\":\"\\\"x\"}"},{"role":"user","content":)"
        R"("The reply does not fit the schema. `/a`: must be a number, is a string. Reply with the )"
        R"(corrected JSON value alone."}],"n":1,"stream":true,)"
        R"("stream_options":{"include_usage":true}})"
    );
    CHECK(result.unfit->again->added == request->added);
    CHECK(result.unfit->again->stream);
    CHECK(result.unfit->again->prompt_tokens > request->prompt_tokens);
}

TEST_CASE("One pair of code fences is taken off, and nothing else is searched.", "[dialect]") {
    for (const std::string text :
         {"```json\n{\"a\":1}\n```", "```\n{\"a\":1}```", " ```JSON \r\n\r\n{\"a\":1}\n\n```\n"}) {
        CAPTURE(text);
        const auto result = checked({.json = true}, said(text), chat());
        CHECK(detail_of(result).empty());
        CHECK(std::get<Completion>(result.outcome).unfenced);
        CHECK(std::get<Completion>(result.outcome).text == R"({"a":1})");
    }
    for (const std::string text :
         {"Sure:\n```json\n{\"a\":1}\n```",
          "```json\n{\"a\":1}",
          "```json {\"a\":1}```",
          "```\n```\n1\n```\n```",
          "```",
          "``````",
          "{\"a\":1} {}"}) {
        CAPTURE(text);
        CHECK_THAT(
            detail_of(checked({.json = true}, said(text), chat())), Contains("not one JSON value")
        );
    }
}

TEST_CASE("An answer that was cut off, filtered or refused is not asked again.", "[dialect]") {
    const Expect expect{.schema = wants_number};
    const auto cut = checked(expect, said(R"({"a":1})", "length"), chat());
    CHECK(detail_of(cut) == "cut off at max_tokens");
    CHECK_FALSE(cut.unfit->again);
    const auto filtered = checked(expect, said("x", "content_filter"), chat());
    CHECK_THAT(detail_of(filtered), Contains("filter"));
    CHECK_FALSE(filtered.unfit->again);
    auto refusal = said("");
    refusal.refused = true;
    const auto refused = checked(expect, std::move(refusal), chat());
    CHECK(detail_of(refused) == "the model refused to answer");
    CHECK_FALSE(refused.unfit->again);
}

TEST_CASE("An empty answer is asked for again in the same words.", "[dialect]") {
    const auto request = chat();
    const auto result = checked({.json = true}, said(" \n"), request);
    CHECK(detail_of(result) == "the answer is empty");
    CHECK(result.unfit->again == request);
}

TEST_CASE("A tool call is no answer yet, and embeddings have no text to check.", "[dialect]") {
    const Expect expect{.schema = wants_number, .match = "x"};
    CHECK(detail_of(checked(expect, said("", "tool_calls"), chat())).empty());
    auto embedding = *chat();
    embedding.operation = Operation::embedding;
    const auto request = std::make_shared<const Prepared>(embedding);
    CHECK(detail_of(checked(expect, said(""), request)).empty());
}

TEST_CASE("The schema that a request names is the one it is checked by.", "[dialect]") {
    const auto own =
        chat(R"({"messages":[],"response_format":{"type":"json_schema","json_schema":{"schema":)"
             R"({"const":"response_format"},"name":"x"}}})");
    CHECK(schema_in(*own) == R"({"const":"response_format"})");
    CHECK(detail_of(checked({.schema = wants_number}, said(R"("response_format")"), own)).empty());
    CHECK_FALSE(detail_of(checked({}, said(R"({"a":1})"), own)).empty());

    const auto beyond =
        chat(R"({"messages":[],"response_format":{"json_schema":{"schema":{"$anchor":"a"}}}})");
    const auto result = checked({}, said("1"), beyond);
    CHECK(detail_of(result).empty());
    CHECK_THAT(std::get<Completion>(result.outcome).note, Contains("`/$anchor`"));
    for (const std::string body :
         {R"({"messages":[{"role":"user","content":"\"response_format\""}]})",
          R"({"messages":[],"response_format":{"type":"text"}})",
          R"({"messages":[],"response_format":null})",
          R"({"messages":[],"response_format":{"json_schema":[]}})"}) {
        CAPTURE(body);
        CHECK(schema_in(*chat(body)).empty());
    }
}

TEST_CASE("An answer may have to match an expression, and to end as allowed.", "[dialect]") {
    CHECK(detail_of(checked({.match = "^y"}, said("yes"), chat())).empty());
    const auto other = checked({.match = "^y"}, said("no"), chat());
    CHECK_THAT(detail_of(other), Contains("regular expression `^y`"));
    CHECK_FALSE(other.unfit->again);
    CHECK(detail_of(checked({.finish = {"stop", "length"}}, said("x", "length"), chat())).empty());
    CHECK(
        detail_of(checked({.finish = {"stop"}}, said("x", "length"), chat())) ==
        "the answer ended with `length`, expected: stop"
    );
}

TEST_CASE("Hostile answers are told as invalid and end nothing.", "[dialect]") {
    const auto deep = std::string(100'000, '[');
    CHECK_THAT(
        detail_of(checked({.json = true}, said(deep), chat())), Contains("not one JSON value")
    );
    CHECK_THAT(
        detail_of(checked({.json = true}, said("\xff\xfe\"`\u202e"), chat())),
        Contains("not one JSON value")
    );
    CHECK(detail_of(checked({.json = true}, said("123456789012345678901234567890"), chat())).empty()
    );
}
