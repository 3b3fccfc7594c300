// Streamed answers of the Responses API, read as the program reads them.
#include "unit/dialect/responses/ask.hpp"

#include <nlohmann/json.hpp>

using namespace skein;
using namespace skein::responses_test;
using Json = nlohmann::json;

namespace {

using Events = std::vector<std::string>;

const Answer as_events{.content_type = "text/event-stream"};

std::string event(const std::string& type, const std::string& more = {}) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + '"' +
           (more.empty() ? "" : ',' + more) + "}\n\n";
}

// A piece of text at its place.
std::string piece(const std::string& of, const std::string& text, int output = 0, int content = 0) {
    return event(
        "response." + of + ".delta",
        R"("output_index":)" + std::to_string(output) + R"(,"content_index":)" +
            std::to_string(content) + R"(,"delta":")" + text + '"'
    );
}

std::string said(const std::string& text, int output = 0, int content = 0) {
    return piece("output_text", text, output, content);
}

std::string calls(int output, const std::string& id, const std::string& name) {
    return event(
        "response.output_item.added",
        R"("output_index":)" + std::to_string(output) +
            R"(,"item":{"type":"function_call","id":"fc","call_id":")" + id + R"(","name":")" +
            name + R"(","arguments":"","status":"in_progress"})"
    );
}

std::string message(const std::string& text) {
    return R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":")" +
           text + R"(","annotations":[]}]})";
}

std::string call(const std::string& id, const std::string& name, const std::string& arguments) {
    return R"({"type":"function_call","id":"fc","call_id":")" + id + R"(","name":")" + name +
           R"(","arguments":")" + arguments + R"(","status":"completed"})";
}

std::string whole(const std::string& status, const std::string& items, const std::string& more) {
    return R"({"id":"resp_1","object":"response","created_at":1,"model":"m","status":")" + status +
           R"(","output":[)" + items + ']' + more + '}';
}

const std::string usage =
    R"(,"usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":2},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":8})";

// The last event.
std::string ends(
    const std::string& items,
    const std::string& status = "completed",
    const std::string& more = usage
) {
    return event("response." + status, R"("response":)" + whole(status, items, more));
}

const std::string begins = event(
    "response.created",
    R"("response":{"id":"resp_1","status":"in_progress","model":"m","output":[]},"sequence_number":0)"
);

// A text and a call, with all events that come with them.
const Events documented{
    begins,
    event("response.in_progress", R"("response":{"id":"resp_1","status":"in_progress"})"),
    event(
        "response.output_item.added",
        R"("output_index":0,"item":{"type":"message","id":"msg_1","role":"assistant","status":"in_progress","content":[]})"
    ),
    event(
        "response.content_part.added",
        R"("output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]})"
    ),
    said("A "),
    said("dot."),
    event("response.output_text.done", R"("output_index":0,"content_index":0,"text":"A dot.")"),
    event(
        "response.content_part.done",
        R"("output_index":0,"content_index":0,"part":{"type":"output_text","text":"A dot."})"
    ),
    event("response.output_item.done", R"("output_index":0,"item":)" + message("A dot.")),
    calls(1, "call_1", "find"),
    piece("function_call_arguments", R"({\"q\":)", 1),
    piece("function_call_arguments", R"(\"dot\"})", 1),
    event("response.function_call_arguments.done", R"("output_index":1,"arguments":"{}")"),
    event(
        "response.output_item.done",
        R"("output_index":1,"item":)" + call("call_1", "find", R"({\"q\":\"dot\"})")
    ),
    ends(message("A dot.") + ',' + call("call_1", "find", R"({\"q\":\"dot\"})")),
};

std::string first_of(const Events& events, std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += events[i];
    return bytes;
}

std::string all_of(const Events& events) { return first_of(events, events.size()); }

Outcome read(const std::string& bytes, std::size_t piece = 1'000'000) {
    return read_in_pieces(streamed(), as_events, bytes, piece, {}, responses_endpoint);
}

Completion plain(const std::string& body) {
    return completion_of(read_answer(asked(), {}, body, {}, responses_endpoint));
}

// Does the stream of these pieces come to this text?
Outcome read_said(const std::string& pieces, const std::string& text) {
    return read(begins + pieces + ends(message(text)));
}

}  // namespace

TEST_CASE("A stream of Responses becomes a chat completion.", "[dialect]") {
    const auto completion = completion_of(read(all_of(documented)));
    CHECK(completion.text == "A dot.");
    CHECK(completion.finish_reason == "tool_calls");
    CHECK(completion.model == "m");
    CHECK(completion.usage == Usage{3, 5, 2, 0, 0, 1});
    CHECK(completion.note == "");
    CHECK(
        completion.body ==
        R"({"id":"resp_1","model":"m","object":"chat.completion","created":1,"choices":[{"index":0,"message":{"role":"assistant","content":"A dot.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"find","arguments":"{\"q\":\"dot\"}"}}]},"finish_reason":"tool_calls","native_finish_reason":"completed"}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}})"
    );
}

TEST_CASE("A stream of Responses cut at any byte gives the same completion.", "[dialect]") {
    const auto bytes = all_of(documented);
    const auto expected = seen(read(bytes));
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        AnswerReader reader{streamed(), responses_endpoint, ReadLimits{}};
        reader.head(200, headers_of(as_events));
        reader.body(std::string_view{bytes}.substr(0, cut), noon);
        reader.body(std::string_view{bytes}.substr(cut), noon);
        REQUIRE(seen(reader.finish(wall)) == expected);
    }
    CHECK(seen(read(bytes, 1)) == expected);
}

TEST_CASE("A stream of Responses that ends before its last event is incomplete.", "[dialect]") {
    for (std::size_t count = 0; count < documented.size(); ++count) {
        INFO("after " << count << " events");
        const auto bytes = first_of(documented, count);
        CHECK(fault_of(read(bytes)).kind == FaultKind::incomplete_stream);
        // Other servers write this at the end, and it proves nothing.
        CHECK(fault_of(read(bytes + "data: [DONE]\n\n")).kind == FaultKind::incomplete_stream);
    }
    // The last event needs the blank line that completes it.
    auto bytes = all_of(documented);
    bytes.pop_back();
    CHECK(fault_of(read(bytes)).kind == FaultKind::incomplete_stream);
}

TEST_CASE("An error of Responses after any event but the last is the fault.", "[dialect]") {
    struct Row {
        const char* bytes;
        FaultKind kind;
    };
    const auto row = GENERATE(
        Row{"event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":"
            "\"no\",\"param\":null,\"sequence_number\":9}\n\n",
            FaultKind::throttled},
        Row{"data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"no\"}\n\n",
            FaultKind::server_error},
        Row{"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
            "\"code\":\"invalid_prompt\",\"message\":\"no\",\"param\":null}}\n\n",
            FaultKind::filtered},
        Row{"data: {\"type\":\"error\",\"error\":{\"code\":\"server_is_overloaded\",\"message\":"
            "\"no\"}}\n\n",
            FaultKind::overloaded},
        Row{"data: {\"error\":{\"message\":\"no\",\"code\":429}}\n\n", FaultKind::throttled},
        Row{"event: error\ndata: no\n\n", FaultKind::server_error}
    );
    INFO(row.bytes);
    for (std::size_t count = 0; count < documented.size(); ++count) {
        INFO("after " << count << " events");
        const auto fault =
            fault_of(read(first_of(documented, count) + row.bytes + documented.back()));
        CHECK(fault.kind == row.kind);
        CHECK(fault.remote_message == "no");
    }
    CHECK(completion_of(read(all_of(documented) + row.bytes)).text == "A dot.");
}

TEST_CASE("A stream of Responses that failed is a fault by its code.", "[dialect]") {
    const auto failed = [](const std::string& error) {
        const auto bytes =
            begins + said("A ") +
            event(
                "response.failed", R"("response":)" + whole("failed", "", R"(,"error":)" + error)
            );
        return fault_of(read(bytes));
    };
    const auto throttled = failed(R"({"code":"rate_limit_exceeded","message":"no"})");
    CHECK(throttled.kind == FaultKind::throttled);
    CHECK(throttled.remote_message == "no");
    CHECK_THAT(throttled.body, Catch::Contains("A "));
    CHECK(failed(R"({"code":"bio_policy","message":"no"})").kind == FaultKind::filtered);
    CHECK(failed("null").kind == FaultKind::server_error);
}

TEST_CASE("A stream of Responses and the whole answer give the same completion.", "[dialect]") {
    const std::string items =
        R"({"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"hm"}]},)" +
        message(R"(A \"dot\".\n)") + ',' + call("t1", "find", R"({\"q\":1})") + ',' +
        call("t2", "now", "{}") +
        R"(,{"type":"message","content":[{"type":"refusal","refusal":"not more"}]})";
    const auto pieces = piece("reasoning_summary_text", "hm") + said(R"(A \"dot)", 1) +
                        said(R"(\".\n)", 1) + calls(2, "t1", "find") +
                        piece("function_call_arguments", R"({\"q\":)", 2) +
                        piece("function_call_arguments", "1}", 2) + calls(3, "t2", "now") +
                        piece("function_call_arguments", "{}", 3) + piece("refusal", "not ", 4) +
                        piece("refusal", "more", 4);
    const auto [status, more] = GENERATE(
        std::pair{"completed", ""},
        std::pair{"incomplete", R"(,"incomplete_details":{"reason":"max_output_tokens"})"},
        std::pair{"incomplete", R"(,"incomplete_details":{"reason":"content_filter"})"}
    );
    const auto expected = plain(whole(status, items, more + usage));
    const auto stream = completion_of(read(begins + pieces + ends(items, status, more + usage)));
    CHECK(stream.body == expected.body);
    CHECK(stream.text == expected.text);
    CHECK(stream.finish_reason == expected.finish_reason);
    CHECK(stream.usage == expected.usage);
    CHECK(stream.model == expected.model);
    CHECK(stream.note == expected.note);
}

TEST_CASE("Pieces that were lost are in the last event of Responses.", "[dialect]") {
    CHECK(completion_of(read_said("", "A dot.")).text == "A dot.");
    CHECK(completion_of(read_said(said("A "), "A dot.")).text == "A dot.");
    CHECK(completion_of(read_said(said("A ") + said("."), "A dot.")).text == "A dot.");
}

TEST_CASE("A last event of Responses that lacks what was said is refused.", "[dialect]") {
    for (const std::string text : {"", "A dot", "A dit.", "dot. A "}) {
        INFO(text);
        const auto fault = fault_of(read_said(said("A ") + said("dot."), text));
        CHECK(fault.kind == FaultKind::bad_response);
        CHECK(fault.detail == "the last event of the stream lacks what was said before it");
        CHECK_THAT(fault.body, Catch::Contains("A dot."));
    }
    CHECK(
        fault_of(read(begins + piece("refusal", "no") + ends(""))).kind == FaultKind::bad_response
    );
    const auto called = calls(0, "c", "f") + piece("function_call_arguments", R"({\"q\":1})");
    CHECK(fault_of(read(begins + called + ends(""))).kind == FaultKind::bad_response);
    CHECK(
        fault_of(read(begins + called + ends(call("c", "f", "{}")))).kind == FaultKind::bad_response
    );
}

TEST_CASE("A filter may take back what a stream of Responses said.", "[dialect]") {
    const auto more = R"(,"incomplete_details":{"reason":"content_filter"})" + usage;
    const auto completion =
        completion_of(read(begins + said("A dot.") + ends(message(""), "incomplete", more)));
    CHECK(completion.text == "");
    CHECK(completion.finish_reason == "content_filter");
}

TEST_CASE("Pieces of two texts that alternate are compared each by its place.", "[dialect]") {
    const auto pieces = said("a", 2) + said("b", 0) + said("A", 2) + said("B", 0) + said("c", 2, 1);
    const auto outcome =
        read(begins + pieces + ends(message("bB") + ",{\"type\":\"reasoning\"}," + message("aAc")));
    CHECK(completion_of(outcome).text == "bBaAc");
}

TEST_CASE("Commentary of a stream is compared, and is no part of the answer.", "[dialect]") {
    const std::string commentary =
        R"({"type":"message","phase":"commentary","content":[{"type":"output_text","text":"let me see"}]},)";
    const auto outcome = read(
        begins + said("let me see", 0) + said("A dot.", 1) + ends(commentary + message("A dot."))
    );
    CHECK(completion_of(outcome).text == "A dot.");
}

TEST_CASE("A character that was cut between two pieces is whole in the answer.", "[dialect]") {
    const auto pieces =
        said(R"(a \ud83d)") + said(R"(\ude00.)") + said("\xF0\x9F") + said("\x98\x80!");
    const auto completion = completion_of(read_said(pieces, R"(a \ud83d\ude00.\ud83d\ude00!)"));
    CHECK(completion.text == "a \U0001F600.\U0001F600!");
}

TEST_CASE("The status of a Response counts more than the name of its last event.", "[dialect]") {
    const auto named = [](const std::string& type, const std::string& status) {
        const auto more = R"("response":)" + whole(status, message("a"), "");
        return read(begins + event("response." + type, more));
    };
    CHECK(completion_of(named("completed", "incomplete")).finish_reason == "incomplete");
    CHECK(fault_of(named("completed", "failed")).kind == FaultKind::server_error);
    CHECK(fault_of(named("completed", "cancelled")).kind == FaultKind::server_error);
    CHECK(fault_of(named("failed", "completed")).kind == FaultKind::server_error);
}

TEST_CASE("The last event tells how a Response ended that says nothing of it.", "[dialect]") {
    const auto without = event(
        "response.completed", R"("response":{"object":"response","output":[)" + message("a") + "]}"
    );
    CHECK(completion_of(read(begins + without)).finish_reason == "stop");
    const auto late =
        event("response.incomplete", R"("response":)" + whole("in_progress", message("a"), ""));
    CHECK(completion_of(read(begins + late)).finish_reason == "incomplete");
}

TEST_CASE("A last event of Responses that holds no Response is no answer.", "[dialect]") {
    CHECK(
        fault_of(read(begins + said("a") + event("response.completed"))).kind ==
        FaultKind::incomplete_stream
    );
    const auto fault =
        fault_of(read(begins + event("response.completed", R"("response":{"status":"completed"})"))
        );
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK(fault.detail == "the last event of the stream has no list of `output`");
}

TEST_CASE("Only the first of two last events of Responses counts.", "[dialect]") {
    const auto bytes = begins + ends(message("first")) + ends(message("second"));
    CHECK(completion_of(read(bytes)).text == "first");
    CHECK(completion_of(read(bytes, 1)).text == "first");
}

TEST_CASE("A whole Response in place of a stream is the answer.", "[dialect]") {
    const auto body = whole("completed", message("a"), "");
    const auto outcome = read_answer(streamed(), {}, body, {}, responses_endpoint);
    CHECK(completion_of(outcome).text == "a");
}

TEST_CASE("Events and items of unknown kinds say nothing in Responses.", "[dialect]") {
    const auto completion = completion_of(read(
        begins + event("brand_new", R"("delta":"no")") +
        event("response.brand_new.delta", R"("delta":"no")") +
        event("response.output_item.added", R"("item":{"type":"brand_new"})") +
        event("response.output_item.added") + event("response.created") +
        event("response.output_text.delta") + piece("output_text", "") + ": a comment\n\n" +
        ends(message("yes"))
    ));
    CHECK(completion.text == "yes");
}

TEST_CASE("Data of a stream of Responses that is not JSON is refused.", "[dialect]") {
    const auto fault = fault_of(read(begins + "data: <html>\n\n" + ends(message("a"))));
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK_THAT(fault.detail, Catch::Contains("<html>"));
}

TEST_CASE("What a stream of Responses says counts as content, and nothing else.", "[dialect]") {
    for (const std::string kind :
         {"output_text",
          "refusal",
          "reasoning_text",
          "reasoning_summary_text",
          "function_call_arguments"}) {
        INFO(kind);
        AnswerReader reader{streamed(), responses_endpoint, ReadLimits{}};
        reader.head(200, headers_of(as_events));
        reader.body(first_of(documented, 4), noon);
        CHECK(reader.first_chunk() == never);
        reader.body(piece(kind, "a"), noon);
        CHECK(reader.first_chunk() == noon);
    }
}

TEST_CASE("A stream of Responses needs nothing behind its last event.", "[dialect]") {
    AnswerReader reader{streamed(), responses_endpoint, ReadLimits{}};
    reader.head(200, headers_of(as_events));
    CHECK(reader.body(first_of(documented, documented.size() - 1), noon) == ReadState::more);
    CHECK_FALSE(reader.complete());
    CHECK(reader.body(documented.back(), noon) == ReadState::enough);
    CHECK(reader.complete());
    CHECK(reader.usage() == Usage{3, 5, 2, 0, 0, 1});
}

TEST_CASE("Text of a stream of Responses above the limit is too large.", "[dialect]") {
    const auto text = said(std::string(1000, 'a'));
    auto bytes = begins;
    for (int i = 0; i < 20; ++i) bytes += text;
    const auto outcome =
        read_answer(streamed(), as_events, bytes, {.body = 10'000}, responses_endpoint);
    CHECK(fault_of(outcome).kind == FaultKind::too_large);
}

TEST_CASE("Pieces at endless places are compared up to a limit only.", "[dialect]") {
    auto bytes = begins;
    for (int i = 0; i < 1'100; ++i) bytes += said("a", i);
    CHECK(
        fault_of(read(bytes + ends(message(std::string(1'023, 'a'))))).kind ==
        FaultKind::bad_response
    );
    CHECK(completion_of(read(bytes + ends(message(std::string(1'024, 'a'))))).text.size() == 1'024);
}
