#include "base/random.hpp"
#include "json/json.hpp"
#include "unit/dialect/read_answer.hpp"

using namespace skein;
using namespace skein::test;
using Catch::Contains;

namespace {

const Answer events{.content_type = "text/event-stream; charset=utf-8"};
const std::string done = "data: [DONE]\n\n";

std::string data(const std::string& json) { return "data: " + json + "\n\n"; }

std::string chunk(const std::string& choices, const std::string& more = {}) {
    return data(
        R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"small","choices":[)" +
        choices + "]" + more + "}"
    );
}

std::string delta(const std::string& members, int index = 0) {
    return chunk(
        R"({"index":)" + std::to_string(index) + R"(,"delta":{)" + members +
        R"(},"finish_reason":null})"
    );
}

std::string says(const std::string& text, int index = 0) {
    return delta(R"("content":")" + text + '"', index);
}

std::string stops(int index = 0, const std::string& reason = "stop") {
    return chunk(
        R"({"index":)" + std::to_string(index) + R"(,"delta":{},"finish_reason":")" + reason + "\"}"
    );
}

const std::string usage = chunk("", R"(,"usage":{"prompt_tokens":9,"completion_tokens":4})");

Outcome stream(std::string_view bytes, int choices = 1) {
    return read_answer(streamed(choices), events, bytes);
}

}  // namespace

TEST_CASE("A streamed answer becomes the JSON object of a plain answer.", "[dialect]") {
    const auto completion = completion_of(stream(
        delta(R"("role":"assistant","content":"")") + says("Two, ") + says("three\\n") +
        says("ä\u2028") + stops() + usage + done
    ));
    CHECK(completion.text == "Two, three\nä\u2028");
    CHECK(completion.finish_reason == "stop");
    CHECK(completion.usage == Usage{9, 4});
    CHECK(completion.model == "small");
    CHECK(
        completion.body ==
        R"({"id":"c1","object":"chat.completion","created":7,"model":"small","choices":[{"index":0,"message":)"
        R"({"role":"assistant","content":"Two, three\nä\u2028"},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":9,"completion_tokens":4}})"
    );
    CHECK_FALSE(json::parse(completion.body).error());
}

TEST_CASE("Streamed tool calls are merged by their index.", "[dialect]") {
    const auto completion = completion_of(stream(
        delta(
            R"("role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"add","arguments":""}}])"
        ) +
        delta(
            R"("tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"mul","arguments":"{"}}])"
        ) +
        delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}}])") +
        delta(
            R"("tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"function":{"arguments":"}"}}])"
        ) +
        stops(0, "tool_calls") + done
    ));
    CHECK(completion.text.empty());
    CHECK(completion.finish_reason == "tool_calls");
    CHECK_THAT(
        completion.body,
        Contains(
            R"("message":{"role":"assistant","content":null,"tool_calls":[)"
            R"({"id":"a","type":"function","function":{"name":"add","arguments":"{\"x\":1}"}},)"
            R"({"id":"b","type":"function","function":{"name":"mul","arguments":"{}"}}]})"
        )
    );
}

TEST_CASE("A tool call without an index is complete or continues the last call.", "[dialect]") {
    const auto completion = completion_of(stream(
        delta(R"("tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}])") +
        delta(R"("tool_calls":[{"id":"b","function":{"name":"g","arguments":"{"}}])") +
        delta(R"("tool_calls":[{"function":{"arguments":"}"}}])") + stops() + done
    ));
    CHECK_THAT(completion.body, Contains(R"("name":"f","arguments":"{\"x\":1}")"));
    CHECK_THAT(completion.body, Contains(R"("name":"g","arguments":"{}")"));
}

TEST_CASE(
    "Reasoning, refusal, function_call and log probabilities of a stream are kept.", "[dialect]"
) {
    const auto completion = completion_of(stream(
        delta(R"("reasoning_content":"h")") + delta(R"("reasoning_content":"m")") +
        delta(R"("refusal":"no")") + delta(R"("function_call":{"name":"f","arguments":"{"})") +
        delta(R"("function_call":{"arguments":"}"})") +
        chunk(
            R"({"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.5}],"refusal":null}})"
        ) +
        chunk(
            R"({"index":0,"delta":{"content":"b"},"logprobs":{"content":[{"token":"b","logprob":-1}]}})"
        ) +
        chunk("", R"(,"system_fingerprint":"fp")") + stops() + done
    ));
    for (const std::string part :
         {R"("reasoning_content":"hm")",
          R"("refusal":"no")",
          R"("function_call":{"name":"f","arguments":"{}"})",
          R"("logprobs":{"content":[{"token":"a","logprob":-0.5},{"token":"b","logprob":-1}],"refusal":null})",
          R"("system_fingerprint":"fp"})"}) {
        CHECK_THAT(completion.body, Contains(part));
    }
    CHECK_FALSE(json::parse(completion.body).error());
}

TEST_CASE("Streamed completions are assembled from their text.", "[dialect]") {
    const auto bytes =
        data(R"({"id":"x","choices":[{"index":1,"text":"b"},{"index":0,"text":"a"}]})") +
        data(
            R"({"choices":[{"index":0,"text":"!","finish_reason":"length"},{"index":1,"text":"","finish_reason":"stop"}]})"
        );
    const auto completion =
        completion_of(read_answer(streamed(2, "/v1/completions"), events, bytes));
    CHECK(completion.text == "a!");
    CHECK(
        completion.body ==
        R"({"id":"x","object":"text_completion","choices":[{"index":0,"text":"a!","finish_reason":"length"},)"
        R"({"index":1,"text":"b","finish_reason":"stop"}]})"
    );
}

TEST_CASE(
    "A streamed answer is complete when every choice has finished, not before.", "[dialect]"
) {
    const auto kind = [](const std::string& bytes, int choices = 1) {
        return fault_of(stream(bytes, choices)).kind;
    };
    CHECK(kind("") == FaultKind::incomplete_stream);
    CHECK(kind(done) == FaultKind::incomplete_stream);
    CHECK(kind(says("half of")) == FaultKind::incomplete_stream);
    CHECK(kind(says("half of") + done) == FaultKind::incomplete_stream);
    CHECK(kind(says("a") + stops(0, "")) == FaultKind::incomplete_stream);
    CHECK(kind(says("a") + stops(), 2) == FaultKind::incomplete_stream);
    CHECK(kind(says("a") + stops(0, "null") + done) == FaultKind::incomplete_stream);
    CHECK(kind(says("a") + says("b", 1) + stops() + done, 2) == FaultKind::incomplete_stream);
    CHECK(kind(says("a") + says("b", 1) + stops(1) + done) == FaultKind::incomplete_stream);
    const auto cut = says("a") + stops();
    CHECK(kind(cut.substr(0, cut.size() - 1)) == FaultKind::incomplete_stream);
    CHECK(kind(": ping\n\n: ping\n\n") == FaultKind::incomplete_stream);

    CHECK(completion_of(stream(says("a") + stops())).text == "a");
    CHECK(completion_of(stream(says("a") + stops() + usage)).usage == Usage{9, 4});
    CHECK_FALSE(completion_of(stream(says("a") + stops() + done)).usage);
    CHECK(
        completion_of(stream(says("b", 1) + says("a") + stops(1) + stops() + done, 2)).text == "a"
    );
    CHECK(completion_of(stream(stops() + stops() + done)).text.empty());
    const auto fault = fault_of(stream(says("a") + says("b", 1) + stops() + done, 2));
    CHECK(fault.detail == "the stream said [DONE] when 1 of 2 choices had finished");
    CHECK(fault.http_status == 200);
}

TEST_CASE("A streamed answer with fewer choices than requested has a note.", "[dialect]") {
    const auto one = completion_of(stream(says("a") + stops() + done, 3));
    CHECK(one.text == "a");
    CHECK(one.note == "1 of 3 choices came");
    CHECK(completion_of(stream(says("a") + stops() + usage, 2)).note == "1 of 2 choices came");
    CHECK(completion_of(stream(says("a") + stops() + done)).note.empty());
}

TEST_CASE(
    "A stream without any finish_reason is complete with [DONE], and has a note.", "[dialect]"
) {
    const auto bare = data(R"({"choices":[{"delta":{"content":"a"}}]})");
    const auto note = "the stream ended with [DONE] and no finish_reason";
    CHECK(completion_of(stream(bare + done)).note == note);
    CHECK(completion_of(stream(bare + done)).text == "a");
    // A gateway counts the tokens itself when the server behind it is gone.
    CHECK(fault_of(stream(says("a") + usage + done)).kind == FaultKind::incomplete_stream);
    CHECK(fault_of(stream(bare)).kind == FaultKind::incomplete_stream);
    CHECK(fault_of(stream(bare + usage)).kind == FaultKind::incomplete_stream);
    CHECK(
        fault_of(stream(delta(R"("role":"assistant")") + usage + done)).kind ==
        FaultKind::incomplete_stream
    );
}

TEST_CASE("A stream of completions must have a choice for each prompt.", "[dialect]") {
    auto request = streamed(4, "/v1/completions");
    request.inputs = 2;
    const auto text = [](int index) {
        return data(
            R"({"choices":[{"index":)" + std::to_string(index) +
            R"(,"text":"a","finish_reason":"stop"}]})"
        );
    };
    CHECK(
        fault_of(read_answer(request, events, text(0) + done)).kind == FaultKind::incomplete_stream
    );
    CHECK(
        completion_of(read_answer(request, events, text(0) + text(1) + done)).note ==
        "2 of 4 choices came"
    );
}

TEST_CASE("A stream that contains only an error message becomes that error.", "[dialect]") {
    const auto fault = fault_of(stream(data(R"({"code":429,"msg":"slow down"})")));
    CHECK(fault.kind == FaultKind::throttled);
    CHECK(fault.remote_message == "slow down");
    CHECK(
        completion_of(stream(data(R"({"message":"queued"})") + says("a") + stops() + done)).text ==
        "a"
    );
}

TEST_CASE(
    "An error in a stream counts even after all text, if it comes before [DONE].", "[dialect]"
) {
    struct Row {
        std::string error;
        FaultKind kind;
        std::string message;
    };
    for (const auto& row : std::vector<Row>{
             {data(R"({"error":{"message":"m","type":"overloaded_error"}})"),
              FaultKind::overloaded,
              "m"},
             {data(R"({"error":{"message":"m","type":"Internal Server Error","code":500}})"),
              FaultKind::server_error,
              "m"},
             {data(
                  R"({"id":"c1","choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":429,"message":"m"}})"
              ),
              FaultKind::throttled,
              "m"},
             {data(R"([{"error":{"code":503,"message":"m"}}])"), FaultKind::overloaded, "m"},
             {data(R"({"object":"error","message":"m","code":400})"), FaultKind::rejected, "m"},
             {data(R"({"choices":null,"base_resp":{"status_code":1008,"status_msg":"m"}})"),
              FaultKind::quota,
              "m"},
             {"event: error\ndata: "
              "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}"
              "\n\n",
              FaultKind::overloaded,
              "m"},
             {"event: error\ndata: it broke\n\n", FaultKind::server_error, "it broke"},
             {"event: error\ndata:\n\n", FaultKind::server_error, ""},
             {"error: {\"code\":503,\"message\":\"Loading "
              "model\",\"type\":\"unavailable_error\"}\n\n",
              FaultKind::not_ready,
              "Loading model"},
             {"error: "
              "{\"error\":{\"code\":400,\"message\":\"m\",\"type\":\"exceed_context_size_error\"}}"
              "\n\n",
              FaultKind::context_exceeded,
              "m"},
             {"error: out of memory\n\n", FaultKind::server_error, "out of memory"},
             {R"({"error":{"code":503,"message":"m","status":"UNAVAILABLE"}})"
              "\n",
              FaultKind::overloaded,
              "m"},
             {chunk(R"({"index":0,"delta":{},"finish_reason":"error"})"),
              FaultKind::server_error,
              ""},
             {chunk(R"({"index":0,"delta":{},"finish_reason":"abort"})"),
              FaultKind::server_error,
              ""},
             {chunk(
                  R"({"index":0,"delta":{},"finish_reason":"error","error":{"code":502,"message":"m"}})"
              ),
              FaultKind::server_error,
              "m"},
             {chunk(R"({"index":0,"delta":{"content":""},"error":{"code":429,"message":"m"}})"),
              FaultKind::throttled,
              "m"},
         }) {
        INFO(row.error);
        for (const auto& bytes :
             {row.error,
              row.error + done,
              says("a") + row.error + done,
              says("a") + stops() + row.error + done}) {
            const auto fault = fault_of(stream(bytes));
            CHECK(fault.kind == row.kind);
            CHECK(fault.remote_message == row.message);
            CHECK(fault.http_status == 200);
        }
    }
    CHECK(
        completion_of(stream(says("a") + stops() + done + data(R"({"error":"late"})"))).text == "a"
    );
}

TEST_CASE("Events after [DONE] have no effect, in the same piece or later.", "[dialect]") {
    const auto whole = says("a") + stops() + done;
    const auto expected = seen(stream(whole));
    const ReadLimits limits{.line = 400, .event = 400};
    for (const auto& more :
         {data("{"),
          data(R"({"error":"no"})"),
          std::string(500, 'x'),
          data(std::string(390, 'x')),
          data("a") + "data: b" + std::string(500, 'x')}) {
        for (const std::size_t piece : {std::size_t{1}, whole.size(), whole.size() + 1000}) {
            INFO(more << " in pieces of " << piece);
            CHECK(
                seen(read_in_pieces(streamed(), events, whole + more, piece, limits)) == expected
            );
        }
    }
}

TEST_CASE("Unknown events in a stream are ignored, and invalid chunks are a fault.", "[dialect]") {
    const auto good = [](const std::string& odd) {
        CHECK(completion_of(stream(says("a") + odd + stops() + done)).text == "a");
    };
    good(": comment\n\n");
    good("event: ping\ndata: {\"type\":\"ping\"}\n\n");
    good("event: whatever\ndata: not json\n\n");
    good("data:\n\n");
    good(data(R"({"type":"ping"})"));
    good(data(R"({"choices":null})"));
    good(data(R"({"choices":[]})"));
    good(data(R"({"choices":[null,7,"x",[]]})"));
    good(data(R"({"choices":[{"delta":{"content":7,"unknown":{"x":1},"tool_calls":{}}}]})"));
    good(data(R"({"choices":[{"index":0,"delta":"x"}]})"));
    good(data(R"({"choices":[{"index":"0","delta":null,"logprobs":7}]})"));
    good(data(R"({"id":7,"created":"x","usage":"none","choices":[]})"));
    good("retry: 1\nid: 7\n\n");
    CHECK(completion_of(stream("event: chunk\n" + says("a") + stops())).text == "a");
    for (const std::string bad :
         {"not json", "{", "7", "\"x\"", R"({"choices":{}})", "{\"a\":1e999}", "[DONE", "[done]"}) {
        INFO(bad);
        CHECK(
            fault_of(stream(says("a") + data(bad) + stops() + done)).kind == FaultKind::bad_response
        );
    }
    CHECK_THAT(
        fault_of(stream(data("<html>\x1b"))).detail,
        Contains("an event of the stream is not JSON: \"<html>\\u001b\"")
    );
    CHECK(
        fault_of(stream(data(R"({"a":)" + std::string(100'000, '[')))).kind ==
        FaultKind::bad_response
    );
}

TEST_CASE("Invalid UTF-8 in a stream is repaired.", "[dialect]") {
    const auto completion =
        completion_of(stream(says("a\xFF") + says("\\ud800b") + says("\xC3") + stops() + done));
    CHECK(completion.text == "a\uFFFD\uFFFDb\uFFFD");
    CHECK_FALSE(json::parse(completion.body).error());
}

TEST_CASE("A streamed answer is the same however its bytes are cut.", "[dialect]") {
    const auto bytes =
        "\xEF\xBB\xBF: hi\r\n\r\n" + delta(R"("role":"assistant","content":"")") +
        says("Gänse 🪿") + "event: ping\r\ndata: {}\r\n\r\n" +
        delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])") +
        says("\\ud83e\\udebf") + stops() + usage + done + "data: ignored";
    const auto expected = seen(stream(bytes));
    const Endpoint endpoint;
    CHECK_THAT(expected, Contains("Gänse 🪿🪿|stop|"));
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        AnswerReader reader{streamed(), endpoint, ReadLimits{}};
        reader.head(200, headers_of(events));
        if (reader.body(std::string_view{bytes}.substr(0, cut), noon) == ReadState::more) {
            reader.body(std::string_view{bytes}.substr(cut), noon);
        }
        REQUIRE(seen(reader.finish(wall)) == expected);
    }
    for (std::size_t piece = 1; piece < 70; ++piece) {
        REQUIRE(seen(read_in_pieces(streamed(), events, bytes, piece)) == expected);
    }
}

TEST_CASE("A stream that is cut off anywhere is never a complete answer.", "[dialect]") {
    const auto bytes = says("a") + says("b") + stops() + done;
    const auto complete_at = bytes.size() - done.size();
    for (std::size_t end = 0; end < bytes.size(); ++end) {
        INFO(end);
        const auto outcome = stream(std::string_view{bytes}.substr(0, end));
        REQUIRE(std::holds_alternative<Completion>(outcome) == (end >= complete_at));
    }
}

TEST_CASE("A stream with any damage gives one outcome and no crash.", "[dialect]") {
    const auto whole =
        delta(R"("role":"assistant","content":"x")") +
        delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])") +
        stops() + usage + done;
    SplitMix random{5};
    for (int round = 0; round < 3000; ++round) {
        auto bytes = whole;
        for (auto hits = 1 + random() % 4; hits > 0; --hits) {
            bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
            if (random() % 4 == 0) bytes.erase(random() % bytes.size(), random() % 9);
        }
        const auto outcome = stream(bytes);
        REQUIRE(seen(outcome) == seen(read_in_pieces(streamed(), events, bytes, 1 + random() % 9)));
        if (const auto* completion = std::get_if<Completion>(&outcome)) {
            REQUIRE_FALSE(json::parse(completion->body).error());
        }
    }
}
