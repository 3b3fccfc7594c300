// Answers in the API's own form (`output.body: native`).
#include "dialect/dialects.hpp"
#include "dialect/request/request_writer.hpp"
#include "unit/dialect/read_answer.hpp"

#include <vector>

using Catch::Contains;
using namespace skein;
using namespace skein::test;

namespace {

const Endpoint anthropic_end{.api = Api::anthropic};
const Endpoint gemini_end{.api = Api::gemini};
const Endpoint responses_end{.api = Api::responses};

Outcome native(
    const Endpoint& endpoint,
    bool is_stream,
    std::string_view bytes,
    const ReadLimits& limits = {},
    int choices = 1
) {
    auto request = is_stream ? streamed(choices) : asked();
    request.choices = choices;
    AnswerReader reader{request, endpoint, limits, true};
    reader.head(200, headers_of({}));
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
        if (reader.body(bytes.substr(at, 7), noon) != ReadState::more) break;
    }
    return reader.finish(wall);
}

std::string events(const std::vector<std::string>& datas) {
    std::string text;
    for (const auto& data : datas) text += "data: " + data + "\n\n";
    return text;
}

const std::string begun =
    R"({"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":1}}})";
const std::string ended =
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}})";
const std::string stopped = R"({"type":"message_stop"})";

}  // namespace

TEST_CASE(
    "A plain answer in the API's own form keeps its values as they were written, on one line.",
    "[dialect]"
) {
    const std::string message =
        "{\"type\":\"message\", \"model\":\"c\",\n "
        "\"content\":[{\"type\":\"text\",\"text\":\"hi\",\"citations\":null}], "
        "\"stop_reason\":\"max_tokens\",\"x\":1.50}";
    const auto completion = completion_of(native(anthropic_end, false, message));
    CHECK(
        completion.body ==
        R"({"type":"message","model":"c","content":[{"type":"text","text":"hi","citations":null}],"stop_reason":"max_tokens","x":1.50})"
    );
    CHECK(completion.text == "hi");
    CHECK(completion.finish_reason == "length");
    const std::string openai =
        R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})";
    CHECK(completion_of(native(anthropic_end, false, openai)).body == openai);
    CHECK(completion_of(native({}, false, openai)).body == openai);
}

TEST_CASE(
    "A stream of Anthropic becomes the message that a plain answer would have been.", "[dialect]"
) {
    const auto bytes = events(
        {begun,
         R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"h"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"m"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S=="}})",
         R"({"type":"content_block_stop","index":0})",
         R"({"type":"ping"})",
         R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":[]}})",
         R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"say \"hi\""}})",
         R"({"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"cited_text":"c"}}})",
         R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})",
         R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
         R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"[1.5]}"}})",
         R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"u","name":"g","input":{}}})",
         ended,
         stopped}
    );
    const auto completion = completion_of(native(anthropic_end, true, bytes));
    CHECK(
        completion.body ==
        R"({"id":"m1","type":"message","role":"assistant","model":"c","stop_reason":"end_turn","stop_sequence":null,"content":[)"
        R"({"type":"thinking","thinking":"hm","signature":"S=="},)"
        R"({"type":"text","text":"say \"hi\"","citations":[{"cited_text":"c"}]},)"
        R"({"type":"tool_use","id":"t","name":"f","input":{"a":[1.5]}},)"
        R"({"type":"tool_use","id":"u","name":"g","input":{}}],"usage":{"input_tokens":5,"output_tokens":9}})"
    );
    CHECK(completion.text == "say \"hi\"");
}

TEST_CASE("A stream of Responses becomes the Response of its last event.", "[dialect]") {
    const std::string output =
        R"([{"type":"message","id":"x","content":[{"type":"output_text","text":"hi","annotations":[]}]}])";
    const std::string response =
        R"({"id":"r","object":"response","status":"completed","model":"m","output":)" + output +
        R"(,"usage":{"input_tokens":1,"output_tokens":2.0e0}})";
    const auto bytes = events(
        {R"({"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}})",
         R"({"type":"response.output_text.delta","output_index":0,"delta":"hi"})",
         R"({"type":"response.completed","response":)" + response + "}"}
    );
    const auto completion = completion_of(native(responses_end, true, bytes));
    CHECK(completion.body == response);
    CHECK(completion.text == "hi");
    CHECK(completion_of(native(responses_end, false, response)).body == response);
}

TEST_CASE("Pieces of a native stream that are odd do no harm.", "[dialect]") {
    const auto odd = events(
        {begun,
         R"({"type":"content_block_delta","index":9,"delta":{"type":"text_delta","text":"lost"}})",
         R"({"type":"content_block_start","index":0})",
         R"({"type":"content_block_start","index":0,"content_block":[1]})",
         R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":5}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"new_delta","x":1}})",
         R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f"}})",
         R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a"}})",
         ended,
         stopped}
    );
    const auto outcome = native(anthropic_end, true, odd);
    if (const auto* completion = std::get_if<Completion>(&outcome)) {
        json::Element root;
        CHECK_FALSE(json::parse(completion->body).get(root));
    }
    CHECK(
        fault_of(native(anthropic_end, true, events({begun, ended}))).kind ==
        FaultKind::incomplete_stream
    );
    CHECK(
        fault_of(native(anthropic_end, true, events({begun}))).kind == FaultKind::incomplete_stream
    );
}

TEST_CASE("What a native stream holds is bounded by the limit of an answer.", "[dialect]") {
    std::vector<std::string> datas{begun};
    // Members of no content: nothing of them counts in the common form.
    const std::string filler(200, 'x');
    for (int i = 0; i < 40; ++i) {
        datas.push_back(
            R"({"type":"content_block_start","index":)" + std::to_string(i) +
            R"(,"content_block":{"type":"other","data":")" + filler + R"("}})"
        );
    }
    datas.push_back(ended);
    datas.push_back(stopped);
    CHECK(
        fault_of(native(anthropic_end, true, events(datas), {.body = 4000})).kind ==
        FaultKind::too_large
    );
}

TEST_CASE("A stream of Gemini becomes one response with all its parts.", "[dialect]") {
    const auto bytes = events(
        {R"({"candidates":[{"content":{"role":"model","parts":[{"text":"th","thought":true}]},"index":0}],"usageMetadata":{"promptTokenCount":3},"modelVersion":"g","responseId":"r"})",
         R"({"candidates":[{"content":{"role":"model","parts":[{"text":"ink","thought":true},{"text":"he"}]},"index":0}],"modelVersion":"g","responseId":"r"})",
         R"({"candidates":[{"content":{"role":"model","parts":[{"text":"llo"},{"functionCall":{"name":"f","args":{"a":1}}}]},"index":0}]})",
         R"({"candidates":[{"content":{"role":"model","parts":[{"text":"","thoughtSignature":"S"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":7}})"}
    );
    CHECK(
        completion_of(native(gemini_end, true, bytes)).body ==
        R"({"candidates":[{"content":{"parts":[{"thought":true,"text":"think"},{"text":"hello"},{"functionCall":{"name":"f","args":{"a":1}}},{"text":"","thoughtSignature":"S"}],"role":"model"},"index":0,"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":7},"modelVersion":"g","responseId":"r"})"
    );
}

TEST_CASE("Candidates of a native stream are told apart by their index.", "[dialect]") {
    const auto bytes = events(
        {R"({"candidates":[{"content":{"parts":[{"text":"b"}]},"index":1}]})",
         R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0,"finishReason":"STOP"},{"content":{"parts":[{"text":"b"}]},"index":1,"finishReason":"STOP"}]})"}
    );
    CHECK(
        completion_of(native(gemini_end, true, bytes, {}, 2)).body ==
        R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0,"finishReason":"STOP"},{"content":{"parts":[{"text":"bb"}]},"index":1,"finishReason":"STOP"}]})"
    );
}

TEST_CASE(
    "A native request goes as it is to endpoints of its API, and to no others.", "[dialect]"
) {
    const auto made = prepare(
        {.body =
             R"({"max_tokens":5, "messages":[{"role":"user","content":"h\u0069"}],"model":"m"})",
         .path = "/v1/messages"}
    );
    REQUIRE(made.has_value());
    const Endpoint named{.name = "a", .api = Api::anthropic, .model = "mine"};
    CHECK_FALSE(misfit(named, *made).has_value());
    CHECK(
        body_at(named, *made) ==
        R"({"model":"mine","max_tokens":5,"messages":[{"role":"user","content":"h\u0069"}]})"
    );
    const Endpoint other{.name = "b", .api = Api::openai};
    CHECK(misfit(other, *made).value_or("").find("api: anthropic") != std::string::npos);
    CHECK(misfits({other, gemini_end}, {}, *made).are_all);
    const auto some = misfits({other, named}, {}, *made);
    CHECK_FALSE(some.are_all);
    CHECK(some.endpoints.has(0));
    CHECK_FALSE(some.endpoints.has(1));

    const auto unlimited = prepare({.body = R"({"messages":[]})", .path = "/v1/messages"});
    CHECK(misfit(anthropic_end, *unlimited).value_or("").find("max_tokens") != std::string::npos);
    const Endpoint limited{.api = Api::anthropic, .model = "m", .max_tokens = 7};
    CHECK(body_at(limited, *unlimited) == R"({"model":"m","messages":[],"max_tokens":7})");
}

TEST_CASE(
    "A native request of Gemini has the model of the endpoint, or its own, in its path.",
    "[dialect]"
) {
    const auto made = prepare(
        {.body = R"({"contents":[ ],"model":"m"})", .path = "/v1beta/models:generateContent"}
    );
    REQUIRE(made.has_value());
    std::string path;
    CHECK(
        dialect_of(Api::gemini).path(gemini_end, *made, path) == "/v1beta/models/m:generateContent"
    );
    const Endpoint named{.api = Api::gemini, .model = "g", .drop = {"seed"}};
    CHECK(dialect_of(Api::gemini).path(named, *made, path) == "/v1beta/models/g:generateContent");
    CHECK(body_at(named, *made) == R"({"contents":[ ]})");
    const auto nobody =
        prepare({.body = R"({"contents":[]})", .path = "/v1beta/models:generateContent"});
    CHECK(misfit(gemini_end, *nobody).value_or("").find("without a model") != std::string::npos);
}

TEST_CASE(
    "A refusal is told from an empty answer, in whatever form its body is kept.", "[dialect]"
) {
    const std::string output =
        R"("output":[{"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"I cannot"}]}])";
    const auto response =
        R"({"object":"response","status":"completed","model":"m",)" + output + '}';
    const auto stream = events(
        {R"({"type":"response.refusal.delta","output_index":0,"content_index":0,"delta":"I cannot"})",
         R"({"type":"response.completed","response":)" + response + '}'}
    );
    for (const bool is_stream : {false, true}) {
        const auto& bytes = is_stream ? stream : response;
        const auto completion = completion_of(native(responses_end, is_stream, bytes));
        CHECK(completion.refused);
        CHECK(completion.text.empty());
        CHECK_THAT(completion.body, Contains(R"("type":"refusal")"));
    }
    const std::string chat = R"({"choices":[{"index":0,"finish_reason":"stop","message":)";
    CHECK(completion_of(native({}, false, chat + R"({"content":null,"refusal":"no"}}]})")).refused);
    CHECK_FALSE(
        completion_of(native({}, false, chat + R"({"content":"","refusal":null}}]})")).refused
    );
    CHECK_FALSE(
        completion_of(native({}, false, chat + R"({"content":"a","refusal":"b"}}]})")).refused
    );
}
