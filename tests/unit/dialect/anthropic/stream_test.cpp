// Streamed answers of Anthropic's API, read as the program reads them.
#include "unit/dialect/anthropic/chat.hpp"

#include <nlohmann/json.hpp>

using namespace skein;
using namespace skein::test;
using Json = nlohmann::json;

namespace {

using Events = std::vector<std::string>;

const Answer as_events{.content_type = "text/event-stream"};

std::string event(const std::string& type, const std::string& more = {}) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + '"' +
           (more.empty() ? "" : ',' + more) + "}\n\n";
}

const std::string begins = event(
    "message_start",
    R"("message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":10,"output_tokens":1}})"
);
const std::string ends = event("message_stop");

std::string block(int index, const std::string& members) {
    return event(
        "content_block_start",
        R"("index":)" + std::to_string(index) + R"(,"content_block":{)" + members + '}'
    );
}

std::string delta(int index, const std::string& members) {
    return event(
        "content_block_delta",
        R"("index":)" + std::to_string(index) + R"(,"delta":{)" + members + '}'
    );
}

std::string block_ends(int index) {
    return event("content_block_stop", R"("index":)" + std::to_string(index));
}

std::string stops(const std::string& reason, const std::string& usage = R"({"output_tokens":15})") {
    return event(
        "message_delta",
        R"("delta":{"stop_reason":")" + reason + R"(","stop_sequence":null},"usage":)" + usage
    );
}

// The stream of the documents.
const Events documented{
    begins,
    block(0, R"("type":"text","text":"")"),
    event("ping"),
    delta(0, R"("type":"text_delta","text":"A dot.")"),
    block_ends(0),
    block(1, R"("type":"tool_use","id":"toolu_1","name":"find","input":{})"),
    delta(1, R"("type":"input_json_delta","partial_json":"{\"q\":\"dot\"}")"),
    block_ends(1),
    stops("tool_use"),
    ends,
};

std::string first_of(const Events& events, std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += events[i];
    return bytes;
}

std::string all_of(const Events& events) { return first_of(events, events.size()); }

Outcome read(const std::string& bytes, std::size_t piece = 1'000'000) {
    return read_in_pieces(streamed(), as_events, bytes, piece, {}, anthropic_endpoint);
}

Json message_of(const Completion& completion) {
    return Json::parse(completion.body).at("choices").at(0).at("message");
}

}  // namespace

TEST_CASE("A stream of Anthropic becomes a chat completion.", "[dialect]") {
    const auto completion = completion_of(read(all_of(documented)));
    CHECK(completion.text == "A dot.");
    CHECK(completion.finish_reason == "tool_calls");
    CHECK(completion.model == "m");
    CHECK(completion.usage == Usage{30, 15, 10});
    CHECK(completion.note == "");
    CHECK(
        Json::parse(completion.body) ==
        Json::parse(
            R"({"id":"msg_1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"A dot.","tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"find","arguments":"{\"q\":\"dot\"}"}}]},"finish_reason":"tool_calls","native_finish_reason":"tool_use"}],"usage":{"prompt_tokens":30,"completion_tokens":15,"total_tokens":45,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":0}}})"
        )
    );
}

TEST_CASE("A stream of Anthropic cut at any byte gives the same completion.", "[dialect]") {
    const auto bytes = all_of(documented);
    const auto whole = seen(read(bytes));
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        AnswerReader reader{streamed(), anthropic_endpoint, ReadLimits{}};
        reader.head(200, headers_of(as_events));
        reader.body(std::string_view{bytes}.substr(0, cut), noon);
        reader.body(std::string_view{bytes}.substr(cut), noon);
        REQUIRE(seen(reader.finish(wall)) == whole);
    }
    CHECK(seen(read(bytes, 1)) == whole);
}

TEST_CASE("A stream of Anthropic that ends before its last event is incomplete.", "[dialect]") {
    for (std::size_t count = 0; count < documented.size(); ++count) {
        INFO("after " << count << " events");
        CHECK(fault_of(read(first_of(documented, count))).kind == FaultKind::incomplete_stream);
    }
    // The last event needs the blank line that completes it.
    auto bytes = all_of(documented);
    bytes.pop_back();
    CHECK(fault_of(read(bytes)).kind == FaultKind::incomplete_stream);
}

TEST_CASE("An error of Anthropic after any event but the last is the fault.", "[dialect]") {
    const auto error =
        event("error", R"("error":{"type":"overloaded_error","message":"Overloaded"})");
    for (std::size_t count = 0; count < documented.size(); ++count) {
        INFO("after " << count << " events");
        const auto fault = fault_of(read(first_of(documented, count) + error + ends));
        CHECK(fault.kind == FaultKind::overloaded);
        CHECK(fault.remote_message == "Overloaded");
    }
    CHECK(completion_of(read(all_of(documented) + error)).text == "A dot.");
}

TEST_CASE("An error in a stream of Anthropic counts in any shape.", "[dialect]") {
    struct Row {
        const char* bytes;
        FaultKind kind;
        const char* words;
    };
    const auto row = GENERATE(
        Row{"data: {\"error\":{\"message\":\"no\",\"code\":429}}\n\n", FaultKind::throttled, "no"},
        Row{"data: {\"type\":\"error\",\"message\":\"no\"}\n\n", FaultKind::server_error, "no"},
        Row{"{\"error\":{\"message\":\"no\",\"code\":500}}\n\n", FaultKind::server_error, "no"},
        Row{"event: error\ndata: gone away\n\n", FaultKind::server_error, "gone away"},
        Row{"event: error\ndata: {\"type\":\"overloaded_error\",\"message\":\"no\"}\n\n",
            FaultKind::overloaded,
            "no"}
    );
    INFO(row.bytes);
    const auto fault = fault_of(read(begins + row.bytes + stops("end_turn") + ends));
    CHECK(fault.kind == row.kind);
    CHECK(fault.remote_message == row.words);
}

TEST_CASE("A stream of Anthropic and the whole answer give the same completion.", "[dialect]") {
    const auto plain = completion_of(read_answer(
        asked(),
        {},
        R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"let me look","signature":"c2ln"},{"type":"text","text":"A \"dot\".\n"},{"type":"tool_use","id":"t1","name":"find","input":{"q":"dot"}},{"type":"tool_use","id":"t2","name":"now","input":{}},{"type":"text","text":"B"}],"stop_reason":"tool_use","usage":{"input_tokens":3,"cache_creation_input_tokens":4,"cache_read_input_tokens":5,"output_tokens":15,"output_tokens_details":{"thinking_tokens":6}}})",
        {},
        anthropic_endpoint
    ));
    const auto stream = completion_of(read(
        event(
            "message_start",
            R"("message":{"id":"msg_1","type":"message","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":4,"cache_read_input_tokens":5,"output_tokens":1}})"
        ) +
        block(0, R"("type":"thinking","thinking":"","signature":"")") +
        delta(0, R"("type":"thinking_delta","thinking":"let me ")") +
        delta(0, R"("type":"thinking_delta","thinking":"look")") +
        delta(0, R"("type":"signature_delta","signature":"c2ln")") + block_ends(0) +
        block(1, R"("type":"text","text":"")") +
        delta(1, R"("type":"text_delta","text":"A \"dot")") +
        delta(1, R"("type":"text_delta","text":"\".\n")") + block_ends(1) +
        block(2, R"("type":"tool_use","id":"t1","name":"find","input":{})") +
        delta(2, R"("type":"input_json_delta","partial_json":"")") +
        delta(2, R"("type":"input_json_delta","partial_json":"{\"q\":\"d")") +
        delta(2, R"("type":"input_json_delta","partial_json":"ot\"}")") + block_ends(2) +
        block(3, R"("type":"tool_use","id":"t2","name":"now","input":{})") +
        delta(3, R"("type":"input_json_delta","partial_json":"")") + block_ends(3) +
        block(4, R"("type":"text","text":"")") + delta(4, R"("type":"text_delta","text":"B")") +
        block_ends(4) +
        stops("tool_use", R"({"output_tokens":15,"output_tokens_details":{"thinking_tokens":6}})") +
        ends
    ));
    CHECK(Json::parse(stream.body) == Json::parse(plain.body));
    CHECK(stream.text == plain.text);
    CHECK(stream.finish_reason == plain.finish_reason);
    CHECK(stream.usage == plain.usage);
    CHECK(stream.model == plain.model);
    CHECK(stream.note == plain.note);
}

TEST_CASE("A whole message of Anthropic in place of a stream is the answer.", "[dialect]") {
    const std::string body =
        R"({"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn"})";
    const auto outcome = read_answer(streamed(), {}, body, {}, anthropic_endpoint);
    CHECK(completion_of(outcome).text == "a");
}

TEST_CASE("A stream of Anthropic without a stop reason is not an answer.", "[dialect]") {
    const auto text = block(0, R"("type":"text","text":"a")") + block_ends(0);
    const auto no_reason = event("message_delta", R"("delta":{"stop_reason":null},"usage":{})");
    CHECK(fault_of(read(begins + text + ends)).kind == FaultKind::incomplete_stream);
    CHECK(fault_of(read(begins + text + no_reason + ends)).kind == FaultKind::incomplete_stream);
    CHECK(fault_of(read(ends)).kind == FaultKind::incomplete_stream);
    CHECK(fault_of(read(text + "data: [DONE]\n\n")).kind == FaultKind::incomplete_stream);
}

TEST_CASE("Each stop reason of a stream of Anthropic has its common word.", "[dialect]") {
    struct Row {
        const char* theirs;
        const char* ours;
    };
    const auto row = GENERATE(
        Row{"end_turn", "stop"},
        Row{"stop_sequence", "stop"},
        Row{"max_tokens", "length"},
        Row{"model_context_window_exceeded", "length"},
        Row{"tool_use", "tool_calls"},
        Row{"refusal", "content_filter"},
        Row{"pause_turn", "paused"},
        Row{"compaction", "paused"},
        Row{"brand_new", "brand_new"}
    );
    const auto completion = completion_of(read(begins + stops(row.theirs) + ends));
    CHECK(completion.finish_reason == row.ours);
}

TEST_CASE("Text that the start of a block holds counts.", "[dialect]") {
    const auto completion = completion_of(read(
        begins + block(0, R"("type":"thinking","thinking":"hm")") +
        delta(0, R"("type":"thinking_delta","thinking":"!")") + block_ends(0) +
        block(1, R"("type":"text","text":"A ")") +
        delta(1, R"("type":"text_delta","text":"dot.")") + block_ends(1) + stops("end_turn") + ends
    ));
    CHECK(completion.text == "A dot.");
    CHECK(message_of(completion).at("reasoning_content") == "hm!");
}

TEST_CASE("Arguments that the start of a call holds count if no others follow.", "[dialect]") {
    const auto arguments_of = [](const std::string& pieces) {
        const auto completion = completion_of(read(
            begins + block(0, R"("type":"tool_use","id":"t","name":"f","input":{"q": 1})") +
            pieces + stops("tool_use") + ends
        ));
        return message_of(completion).at("tool_calls").at(0).at("function").at("arguments");
    };
    CHECK(arguments_of(block_ends(0)) == R"({"q":1})");
    CHECK(arguments_of("") == R"({"q":1})");  // The end of the block was never said.
    const auto other = delta(0, R"("type":"input_json_delta","partial_json":"{\"q\":2}")");
    CHECK(arguments_of(other + block_ends(0)) == R"({"q":2})");
}

TEST_CASE("Pieces of two calls that alternate are kept apart by their blocks.", "[dialect]") {
    const auto piece = [](int index, const std::string& text) {
        return delta(index, R"("type":"input_json_delta","partial_json":")" + text + '"');
    };
    const auto completion = completion_of(read(
        begins + block(3, R"("type":"tool_use","id":"a","name":"f","input":{})") +
        block(7, R"("type":"tool_use","id":"b","name":"f","input":{})") + piece(3, R"({\"x\":)") +
        piece(7, R"({\"y\":)") + piece(3, "1}") + piece(7, "2}") + piece(9, "no call") +
        stops("tool_use") + ends
    ));
    const auto message = message_of(completion);
    CHECK(message.at("content").is_null());
    REQUIRE(message.at("tool_calls").size() == 2);
    CHECK(message.at("tool_calls").at(0).at("function").at("arguments") == R"({"x":1})");
    CHECK(message.at("tool_calls").at(1).at("function").at("arguments") == R"({"y":2})");
}

TEST_CASE("A stream of Anthropic without text and calls is an empty answer.", "[dialect]") {
    const auto completion = completion_of(read(begins + stops("end_turn") + ends));
    CHECK(completion.text == "");
    CHECK(message_of(completion).at("content") == "");
}

TEST_CASE("Running totals of a stream replace one another and are never added.", "[dialect]") {
    const auto completion = completion_of(read(
        begins + stops("end_turn", R"({"input_tokens":null,"output_tokens":7})") +
        stops("end_turn", R"({"input_tokens":25,"cache_read_input_tokens":0,"output_tokens":9})") +
        ends
    ));
    CHECK(completion.usage == Usage{25, 9});
}

TEST_CASE("Events, blocks and pieces of unknown kinds say nothing.", "[dialect]") {
    const auto completion = completion_of(read(
        begins + event("brand_new", R"("text":"no")") +
        block(0, R"("type":"brand_new","text":"no")") +
        delta(0, R"("type":"text_piece","text":"no")") +
        delta(0, R"("type":"citations_delta","citation":{"text":"no"})") + block_ends(0) +
        event("content_block_start") + event("content_block_delta") + event("content_block_stop") +
        event("message_start") + event("message_delta") +
        block(1, R"("type":"text","text":"yes")") + stops("end_turn") + ends
    ));
    CHECK(completion.text == "yes");
}

TEST_CASE("Data of a stream of Anthropic that is not JSON is refused.", "[dialect]") {
    const auto fault = fault_of(read(begins + "data: <html>\n\n" + stops("end_turn") + ends));
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK_THAT(fault.detail, Catch::Contains("<html>"));
}

TEST_CASE("A ping of Anthropic is no content.", "[dialect]") {
    AnswerReader reader{streamed(), anthropic_endpoint, ReadLimits{}};
    reader.head(200, headers_of(as_events));
    reader.body(begins + event("ping") + block(0, R"("type":"text","text":"")"), noon);
    CHECK(reader.first_chunk() == never);
    reader.body(delta(0, R"("type":"text_delta","text":"a")"), noon);
    CHECK(reader.first_chunk() == noon);
}

TEST_CASE("Text of a stream of Anthropic above the limit is too large.", "[dialect]") {
    const auto piece = delta(0, R"("type":"text_delta","text":")" + std::string(1000, 'a') + '"');
    auto bytes = begins;
    for (int i = 0; i < 20; ++i) bytes += piece;
    const auto outcome =
        read_answer(streamed(), as_events, bytes, {.body = 10'000}, anthropic_endpoint);
    CHECK(fault_of(outcome).kind == FaultKind::too_large);
}
