#include "unit/dialect/read_answer.hpp"

using namespace skein;
using namespace skein::test;

namespace {

const Answer events{.content_type = "text/event-stream"};
const Endpoint lax{.compat = {"null_finish_reason"}};
const std::string done = "data: [DONE]\n\n";

std::string says(const std::string& text, const std::string& reason = "null") {
    return R"(data: {"choices":[{"index":0,"delta":{"content":")" + text +
           R"("},"finish_reason":)" + reason + "}]}\n\n";
}

Outcome stream(const std::string& bytes, const Endpoint& endpoint) {
    return read_answer(streamed(), events, bytes, {}, endpoint);
}

bool is_mismatch(const Endpoint& endpoint, const std::string& answered) {
    const auto body = R"({"model":")" + answered +
                      R"(","choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})";
    return completion_of(read_answer(asked(), {}, body, {}, endpoint)).model_mismatch;
}

}  // namespace

TEST_CASE(
    "With null_finish_reason a stream of text is whole when [DONE] has come, and not before.",
    "[dialect]"
) {
    const auto bytes = says("Two") + says(" words") + done;
    CHECK(fault_of(stream(bytes, {})).kind == FaultKind::incomplete_stream);
    const auto completion = completion_of(stream(bytes, lax));
    CHECK(completion.text == "Two words");
    CHECK(completion.finish_reason.empty());
    CHECK(completion.note.empty());
    // The line end behind the empty line of the last event is not needed.
    for (std::size_t cut = 0; cut + 2 < bytes.size(); ++cut) {
        CAPTURE(cut);
        CHECK(fault_of(stream(bytes.substr(0, cut), lax)).kind == FaultKind::incomplete_stream);
    }
}

TEST_CASE("With null_finish_reason [DONE] without any text is still no answer.", "[dialect]") {
    CHECK(fault_of(stream(says("") + done, lax)).kind == FaultKind::incomplete_stream);
    CHECK(fault_of(stream(done, lax)).kind == FaultKind::incomplete_stream);
}

TEST_CASE("With null_finish_reason a reason or an error that comes still counts.", "[dialect]") {
    CHECK(completion_of(stream(says("a", "\"length\""), lax)).finish_reason == "length");
    const auto error = says("a") + "data: {\"error\":{\"message\":\"m\",\"code\":500}}\n\n" + done;
    CHECK(fault_of(stream(error, lax)).kind == FaultKind::server_error);
    const auto aborted = says("a") + says("", "\"abort\"") + done;
    CHECK(fault_of(stream(aborted, lax)).kind == FaultKind::server_error);
}

TEST_CASE(
    "A router may answer with another model where the name that was asked for has a slash.",
    "[dialect]"
) {
    CHECK(is_mismatch({.model = "any/auto"}, "maker/large"));
    CHECK_FALSE(is_mismatch({.model = "any/auto", .compat = {"router"}}, "maker/large"));
    CHECK(is_mismatch({.model = "small", .compat = {"router"}}, "maker/large"));
    CHECK(is_mismatch({.model = "any/auto", .compat = {"max_tokens"}}, "maker/large"));
}

TEST_CASE("Of Mistral's content in parts only the text parts are the text.", "[dialect]") {
    const std::string parts =
        R"([{"type":"thinking","thinking":[{"type":"text","text":"They greet."}]},)"
        R"({"type":"text","text":"Hello!"}])";
    const auto plain = read_answer(
        asked(),
        {},
        R"({"choices":[{"message":{"content":)" + parts + R"(},"finish_reason":"stop"}]})"
    );
    CHECK(completion_of(plain).text == "Hello!");
    const auto streamed = stream(
        R"(data: {"choices":[{"delta":{"content":)" + parts + R"(},"finish_reason":"stop"}]})" +
            std::string{"\n\n"},
        {}
    );
    CHECK(completion_of(streamed).text == "Hello!");
}

TEST_CASE("A call whose arguments are an object is an answer, plain and streamed.", "[dialect]") {
    const std::string call =
        R"({"tool_calls":[{"id":"t1","function":{"name":"find","arguments":{"q":"x"}}}]})";
    const auto plain = completion_of(read_answer(
        asked(), {}, R"({"choices":[{"message":)" + call + R"(,"finish_reason":"tool_calls"}]})"
    ));
    CHECK(plain.finish_reason == "tool_calls");
    const auto streamed = completion_of(stream(
        R"(data: {"choices":[{"delta":)" + call + R"(,"finish_reason":"tool_calls"}]})" +
            std::string{"\n\n"},
        {}
    ));
    CHECK(streamed.body.find(R"("arguments":"{\"q\":\"x\"}")") != std::string::npos);
}
