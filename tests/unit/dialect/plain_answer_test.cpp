#include "base/random.hpp"
#include "dialect/answer/ends.hpp"
#include "json/json.hpp"
#include "unit/dialect/read_answer.hpp"

using namespace skein;
using namespace skein::test;
using namespace std::string_literals;
using Catch::Contains;

namespace {

Outcome chat(std::string_view body, const Answer& answer = {}) {
    return read_answer(asked(), answer, body);
}

std::string with_message(const std::string& message, const std::string& more = {}) {
    return R"({"choices":[{"index":0,"message":)" + message + R"(,"finish_reason":"stop"}])" +
           more + "}";
}

}  // namespace

TEST_CASE("The body of a plain answer is kept as the server sent it.", "[dialect]") {
    const auto completion = completion_of(chat(
        "{\n  \"id\": \"chatcmpl-1\",\n  \"object\": \"chat.completion\", \"created\": 1,\r\n"
        "  \"model\": \"small-0613\",\n  \"choices\": [ { \"index\": 0, \"message\": {\"role\": "
        "\"assistant\","
        " \"content\": \"2, 3 and\\n5 \\u00e4\"}, \"logprobs\": null, \"finish_reason\": "
        "\"length\"} ],\n"
        "  \"usage\": {\"prompt_tokens\": 9, \"completion_tokens\": 4, \"total_tokens\": 13}\n}\n",
        {.status = 201, .headers = {{"X-Request-Id", "req_1"}}}
    ));
    CHECK(completion.text == "2, 3 and\n5 ä");
    CHECK(completion.finish_reason == "length");
    CHECK(completion.model == "small-0613");
    CHECK(completion.usage == Usage{9, 4});
    CHECK(completion.request_id == "req_1");
    CHECK(completion.http_status == 201);
    CHECK(
        completion.body ==
        R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"small-0613","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"2, 3 and\n5 \u00e4"},"logprobs":null,"finish_reason":"length"}],)"
        R"("usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}})"
    );
}

TEST_CASE("A completion, an embedding and a chat each need their own answer format.", "[dialect]") {
    const auto text = completion_of(read_answer(
        asked("/v1/completions"),
        {},
        R"({"choices":[{"text":"abc","finish_reason":"stop"},{"text":"d"}]})"
    ));
    CHECK(text.text == "abc");
    CHECK(text.finish_reason == "stop");
    const auto vectors = completion_of(read_answer(
        asked("/v1/embeddings"),
        {},
        R"({"data":[{"embedding":[0.1,-2e-3]}],"model":"e","usage":{"prompt_tokens":5,"total_tokens":5}})"
    ));
    CHECK(vectors.text.empty());
    CHECK(vectors.finish_reason.empty());
    CHECK(vectors.model == "e");
    CHECK(vectors.usage == Usage{5, 0});
    CHECK_THAT(vectors.body, Contains("[0.1,-2e-3]"));
    CHECK(
        fault_of(read_answer(asked("/v1/embeddings"), {}, R"({"data":[]})")).kind ==
        FaultKind::bad_response
    );
    CHECK(
        fault_of(read_answer(asked("/v1/embeddings"), {}, R"({"data":{}})")).kind ==
        FaultKind::bad_response
    );
    CHECK(
        fault_of(read_answer(asked("/v1/completions"), {}, with_message(R"({"content":"x"})")))
            .kind == FaultKind::bad_response
    );
}

TEST_CASE(
    "The answer of an unknown operation is returned unchanged, with its usage.", "[dialect]"
) {
    const auto other = [](std::string_view body) {
        return read_answer(asked("/v1/responses"), {}, body);
    };
    const auto completion = completion_of(other(
        R"({"object":"response","model":"m","error":null,"output":[],"usage":{"input_tokens":1,"output_tokens":2}})"
    ));
    CHECK(
        completion.body ==
        R"({"object":"response","model":"m","error":null,"output":[],"usage":{"input_tokens":1,"output_tokens":2}})"
    );
    CHECK(completion.usage == Usage{1, 2});
    CHECK(completion.text.empty());
    CHECK(completion.finish_reason.empty());
    CHECK(
        completion_of(other(R"([{"index":0,"score":0.5}])")).body == R"([{"index":0,"score":0.5}])"
    );
    CHECK(completion_of(other("{}")).body == "{}");
}

TEST_CASE(
    "The answer of an unknown operation must be a JSON object or list without an error.",
    "[dialect]"
) {
    const auto kind = [](std::string_view body) {
        return std::get<Fault>(read_answer(asked("/score"), {}, body)).kind;
    };
    CHECK(kind(R"("text")") == FaultKind::bad_response);
    CHECK(kind("ID3\x04") == FaultKind::bad_response);
    CHECK(kind("") == FaultKind::bad_response);
    CHECK(
        kind(R"({"status":"failed","error":{"code":"server_error","message":"m"}})") !=
        FaultKind::bad_input
    );
}

TEST_CASE(
    "A message without content is valid only if another member stands in for it.", "[dialect]"
) {
    for (const std::string message :
         {R"({"content":""})",
          R"({"content":null,"tool_calls":[{"id":"c"}]})",
          R"({"content":null,"refusal":"no"})",
          R"({"content":null,"function_call":{"name":"f"}})",
          R"({"content":null,"reasoning_content":"hm"})",
          R"({"tool_calls":[]})"}) {
        INFO(message);
        CHECK(completion_of(chat(with_message(message))).text.empty());
    }
    for (const std::string message :
         {R"({"content":null})", R"({})", R"({"role":"assistant","tool_calls":null})"}) {
        INFO(message);
        CHECK(fault_of(chat(with_message(message))).kind == FaultKind::bad_response);
    }
    CHECK(
        completion_of(
            chat(R"({"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]})")
        )
            .finish_reason == "content_filter"
    );
    CHECK(
        completion_of(chat(with_message(
                          R"({"content":[{"type":"text","text":"a"},{"type":"x"},{"text":"b"}]})"
                      )))
            .text == "ab"
    );
}

TEST_CASE(
    "A body that is not an answer is a bad response that quotes its beginning.", "[dialect]"
) {
    for (const std::string body :
         {"",
          " \n ",
          "{}",
          "[]",
          "7",
          "null",
          "\"x\"",
          "{",
          R"({"choices":[]})",
          R"({"choices":{}})",
          R"({"choices":null})",
          R"({"choices":[null]})",
          R"({"choices":[{}]})",
          R"({"choices":[{"message":"x"}]})",
          R"({"choices":[{"message":{"content":"x"}},{}]})",
          "{\"choices\":[{\"message\":{\"content\":\"x\"}}]} trailing",
          R"({"choices":[{"message":{"content":"x"}}],"seed":1e999})",
          R"({"choices":[{"message":{"content":"x"}}],"seed":123456789012345678901234567890})"}) {
        INFO(body);
        const auto fault = fault_of(chat(body));
        CHECK(fault.kind == FaultKind::bad_response);
        CHECK(fault.http_status == 200);
        CHECK_FALSE(fault.detail.empty());
    }
    const auto page =
        fault_of(chat("<!DOCTYPE html>\n<title>Log in\x1b[2J</title>" + std::string(200, 'x')));
    CHECK_THAT(
        page.detail, Contains("is not JSON: \"<!DOCTYPE html>\\u000a<title>Log in\\u001b[2J")
    );
    CHECK(page.detail.size() < 150);
    CHECK_THAT(
        fault_of(chat(std::string(100'000, '['))).detail,
        Contains("nested too deep") || Contains("not JSON")
    );
    CHECK_THAT(
        fault_of(chat(R"({"a":)" + std::string(70, '[') + std::string(70, ']') + "}")).detail,
        Contains("nested too deep")
    );
}

TEST_CASE("Members of a wrong type are ignored.", "[dialect]") {
    const auto message = R"({"role":7,"content":"x"})"s;
    for (const std::string more :
         {R"(,"usage":"none")",
          R"(,"usage":[])",
          R"(,"usage":{"prompt_tokens":"9"})",
          R"(,"usage":{"prompt_tokens":-1})",
          R"(,"usage":{"prompt_tokens":1.5})",
          R"(,"usage":{"prompt_tokens":18446744073709551615})",
          R"(,"usage":{"prompt_tokens":1,"completion_tokens":-1})",
          R"(,"id":7,"model":{},"error":null,"object":[])"}) {
        INFO(more);
        const auto completion = completion_of(chat(with_message(message, more)));
        CHECK(completion.text == "x");
        CHECK_FALSE(completion.usage);
        CHECK(completion.model.empty());
    }
    CHECK(
        completion_of(chat(with_message(message, R"(,"usage":{"input_tokens":1,"output_tokens":2})")
                      ))
            .usage == Usage{1, 2}
    );
    CHECK(completion_of(chat(R"({"choices":[{"message":{"content":"x"},"finish_reason":7}]})"))
              .finish_reason.empty());
}

TEST_CASE("A successful status without choices becomes the vendor's error.", "[dialect]") {
    struct Row {
        std::string title;
        std::string body;
        FaultKind kind;
        std::string message;
    };
    for (const auto& row : std::vector<Row>{
             {"MiniMax, no money",
              R"({"choices":null,"model":"m","base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})",
              FaultKind::quota,
              "insufficient balance"},
             {"MiniMax, too fast",
              R"({"choices":[],"base_resp":{"status_code":1002,"status_msg":"rate limit"}})",
              FaultKind::throttled,
              "rate limit"},
             {"MiniMax, an unknown key",
              R"({"base_resp":{"status_code":1004,"status_msg":"not authorized"}})",
              FaultKind::auth,
              "not authorized"},
             {"MiniMax, a flagged input",
              R"({"choices":null,"base_resp":{"status_code":1026,"status_msg":"input new_sensitive"}})",
              FaultKind::rejected,
              "input new_sensitive"},
             {"MiniMax, a code that is not known",
              R"({"choices":null,"base_resp":{"status_code":999999,"status_msg":"new"}})",
              FaultKind::server_error,
              "new"},
             {"FastAPI, text",
              R"({"detail":"model is not loaded"})",
              FaultKind::server_error,
              "model is not loaded"},
             {"FastAPI, list",
              R"({"detail":[{"msg":"field required"}]})",
              FaultKind::server_error,
              "field required"},
             {"a gateway with a code",
              R"({"code":429,"msg":"slow down","data":null})",
              FaultKind::throttled,
              "slow down"},
             {"FastAPI, an object",
              R"({"detail":{"code":429,"message":"slow down"}})",
              FaultKind::throttled,
              "slow down"},
             {"FastAPI around OpenAI",
              R"({"detail":{"error":{"type":"overloaded_error","message":"m"}}})",
              FaultKind::overloaded,
              "m"},
             {"Cloudflare",
              R"({"success":false,"errors":[{"code":7003,"message":"no route"}],"result":null})",
              FaultKind::server_error,
              "no route"},
             {"errors as texts", R"({"errors":["it broke"]})", FaultKind::server_error, "it broke"},
             {"xAI",
              R"({"code":"The service is currently unavailable","error":"at capacity"})",
              FaultKind::server_error,
              "at capacity"},
             {"a flag and a status",
              R"({"error":true,"status":503,"message":"busy"})",
              FaultKind::overloaded,
              "busy"},
             {"Azure's gate",
              R"({"statusCode":401,"message":"wrong key"})",
              FaultKind::auth,
              "wrong key"},
             {"Baidu", R"({"error_code":18,"error_msg":"qps"})", FaultKind::server_error, "qps"},
             {"DashScope",
              R"({"code":"Throttling.RateQuota","message":"m","request_id":"r"})",
              FaultKind::throttled,
              "m"},
             {"Groq",
              R"({"error":{"code":"capacity_exceeded","message":"m"}})",
              FaultKind::overloaded,
              "m"},
             {"RFC 9457",
              R"({"type":"about:blank","title":"Bad Gateway","status":502})",
              FaultKind::server_error,
              "Bad Gateway"},
             {"words beside an empty list",
              R"({"choices":[],"code":429,"message":"m"})",
              FaultKind::throttled,
              "m"},
             {"OpenRouter, in a choice",
              R"({"choices":[{"message":{"content":"half"},"finish_reason":null,"error":{"code":502,"message":"m"}}]})",
              FaultKind::server_error,
              "m"},
             {"OpenRouter, in the second choice",
              R"({"choices":[{"message":{"content":"x"}},{"message":{"content":"y"},"error":{"code":429,"message":"m"}}]})",
              FaultKind::throttled,
              "m"},
             {"a gateway with words alone",
              R"({"success":false,"message":"no route"})",
              FaultKind::server_error,
              "no route"},
         }) {
        INFO(row.title);
        const auto fault = fault_of(chat(row.body));
        CHECK(fault.kind == row.kind);
        CHECK(fault.remote_message == row.message);
        CHECK(fault.http_status == 200);
    }
}

TEST_CASE("A successful answer of no known shape is quoted in the fault.", "[dialect]") {
    CHECK(
        fault_of(chat(R"({"choices":null,"oops":"it broke"})")).detail ==
        R"(the answer has no list of `choices`: "{"choices":null,"oops":"it broke"}")"
    );
}

TEST_CASE("A base_resp beside a good answer has no effect.", "[dialect]") {
    for (const std::string code : {"0", "1027", "\"1008\"", "null"}) {
        INFO(code);
        const auto more = R"(,"message":"m","base_resp":{"status_code":)" + code + "}";
        CHECK(completion_of(chat(with_message(R"({"content":"x"})", more))).text == "x");
    }
}

TEST_CASE("An error in a successful answer becomes that error.", "[dialect]") {
    CHECK(
        fault_of(chat(R"({"error":{"type":"overloaded_error","message":"m"}})")).kind ==
        FaultKind::overloaded
    );
    CHECK(fault_of(chat(R"([{"error":{"code":429,"message":"m"}}])")).kind == FaultKind::throttled);
    const auto fault = fault_of(chat(
        with_message(R"({"content":"x"})", R"(,"error":"half of it failed")"),
        {.headers = {{"retry-after", "3"}}}
    ));
    CHECK(fault.kind == FaultKind::server_error);
    CHECK(fault.remote_message == "half of it failed");
    CHECK(fault.retry_after == Duration{std::chrono::seconds{3}});
    for (const std::string none : {"null", "\"\"", "{}", "false"}) {
        CHECK(
            completion_of(chat(with_message(R"({"content":"x"})", R"(,"error":)" + none))).text ==
            "x"
        );
    }
    CHECK(
        fault_of(chat(R"({"choices":[{"message":{"content":"x"},"finish_reason":"error"}]})"))
            .kind == FaultKind::server_error
    );
}

TEST_CASE("Invalid UTF-8 is repaired, and the body stays one line of JSON.", "[dialect]") {
    struct Row {
        std::string content;
        std::string text;
    };
    for (const auto& row : std::vector<Row>{
             {"caf\xC3", "caf\uFFFD"},
             {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},
             {R"(\ud800)", "\uFFFD"},
             {R"(a\udc00b)", "a\uFFFDb"},
             {R"(\ud83e\udebf)", "🪿"},
             {R"(nul \u0000 nul)", "nul \0 nul"s},
             {"a\u2028b", "a\u2028b"},
             {"\x7F", "\x7F"},
         }) {
        INFO(row.content);
        const auto completion =
            completion_of(chat(with_message(R"({"content":")" + row.content + "\"}")));
        CHECK(completion.text == row.text);
        CHECK(completion.body.find_first_of("\r\n") == std::string::npos);
        CHECK(completion.body.find("\u2028") == std::string::npos);
        CHECK_FALSE(json::parse(completion.body).error());
    }
    CHECK(completion_of(chat("\xEF\xBB\xBF" + with_message(R"({"content":"x"})"))).text == "x");
}

TEST_CASE("A plain answer with any damage gives one outcome and no crash.", "[dialect]") {
    const auto whole = with_message(
        R"({"role":"assistant","content":"a\u00e4ä","tool_calls":[{"id":"c","function":{"name":"f"}}]})",
        R"(,"usage":{"prompt_tokens":9,"completion_tokens":4},"error":null)"
    );
    SplitMix random{3};
    for (int round = 0; round < 5000; ++round) {
        auto body = whole;
        for (auto hits = 1 + random() % 4; hits > 0; --hits) {
            const auto at = random() % body.size();
            if (random() % 3 == 0) body.erase(at, random() % 20);
            if (body.empty()) body = "x";
            body[random() % body.size()] = static_cast<char>(random() % 256);
        }
        const auto outcome = chat(body);
        if (const auto* completion = std::get_if<Completion>(&outcome)) {
            REQUIRE_FALSE(json::parse(completion->body).error());
        }
    }
}

TEST_CASE("An answer without a part for each input is a bad response.", "[dialect]") {
    const auto of = [](std::string_view path, int inputs, const std::string& body) {
        auto request = asked(path);
        request.inputs = inputs;
        request.choices = inputs;
        return read_answer(request, {}, body);
    };
    const std::string vector = R"({"embedding":[0.5]})";
    const auto vectors = [&](const std::string& list) {
        return of("/v1/embeddings", 2, R"({"data":[)" + list + "]}");
    };
    CHECK(completion_of(vectors(vector + "," + vector)).http_status == 200);
    CHECK(completion_of(vectors(vector + R"(,{"embedding":"AACAPw=="})")).http_status == 200);
    const auto fault = fault_of(vectors(vector));
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK(fault.detail == "a part of the answer is missing: 1 of 2 embeddings");
    CHECK(fault.body == R"({"data":[{"embedding":[0.5]}]})");
    for (const std::string none :
         {"null",
          "{}",
          R"({"embedding":null})",
          R"({"embedding":[]})",
          R"({"embedding":[null]})",
          R"({"embedding":""})"}) {
        INFO(none);
        CHECK(fault_of(vectors(vector + "," + none)).kind == FaultKind::bad_response);
    }
    const std::string text = R"({"text":"a","finish_reason":"stop"})";
    CHECK(
        fault_of(of("/v1/completions", 2, R"({"choices":[)" + text + "]}")).kind ==
        FaultKind::bad_response
    );
    CHECK(completion_of(of("/v1/completions", 2, R"({"choices":[)" + text + "," + text + "]}"))
              .note.empty());
}

TEST_CASE("A plain answer with fewer choices than n has a note.", "[dialect]") {
    auto request = asked();
    request.choices = 2;
    CHECK(
        completion_of(read_answer(request, {}, with_message(R"({"content":"x"})"))).note ==
        "1 of 2 choices came"
    );
}

TEST_CASE("A finish_reason means complete, aborted or unknown.", "[dialect]") {
    const auto ends = [](const std::string& reason) {
        return chat(
            R"({"choices":[{"message":{"content":"x"},"finish_reason":")" + reason + "\"}]}"
        );
    };
    for (const auto& row : all_ends()) {
        INFO(row.word);
        const auto outcome = ends(std::string{row.word});
        if (row.end == End::broken_off) {
            const auto fault = fault_of(outcome);
            CHECK(fault.kind == FaultKind::server_error);
            CHECK_THAT(fault.detail, Contains("finish_reason is `" + std::string{row.word} + '`'));
            CHECK_THAT(fault.body, Contains("\"content\":\"x\""));
        } else {
            CHECK(completion_of(outcome).note.empty());
        }
    }
    CHECK(fault_of(ends("ABORT")).kind == FaultKind::server_error);
    CHECK(completion_of(ends("STOP")).finish_reason == "STOP");
    CHECK(completion_of(ends("bored")).note == "the finish_reason `bored` is not known");
}
