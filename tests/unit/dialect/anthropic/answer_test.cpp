// Whole answers of Anthropic's API, read as the program reads them.
#include "unit/dialect/anthropic/chat.hpp"

#include <nlohmann/json.hpp>

using namespace skein;
using namespace skein::test;
using Json = nlohmann::json;

namespace {

Outcome read(const std::string& body, const Answer& answer = {}) {
    return read_answer(asked(), answer, body, {}, anthropic_endpoint);
}

// A message with these blocks and members.
std::string message(const std::string& blocks, const std::string& more) {
    return R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[)" + blocks +
           "]," + more + '}';
}

Completion stopped_by(const std::string& reason) {
    return completion_of(read(message(
        R"({"type":"text","text":"a"})", R"("stop_reason":")" + reason + R"(","stop_sequence":null)"
    )));
}

Json usage_of(const std::string& usage) {
    const auto body =
        message(R"({"type":"text","text":"a"})", R"("stop_reason":"end_turn","usage":)" + usage);
    const auto common = Json::parse(completion_of(read(body)).body);
    return common.value("usage", Json{});
}

const std::string whole = message(
    R"({"type":"thinking","thinking":"look","signature":"c2ln"},{"type":"text","text":"A dot.","citations":null},{"type":"tool_use","id":"toolu_1","name":"find","input":{"q": "dot"}})",
    R"("stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":10,"output_tokens":15,"output_tokens_details":{"thinking_tokens":4},"service_tier":"standard"})"
);

}  // namespace

TEST_CASE("A message of Anthropic becomes a chat completion, byte for byte.", "[dialect]") {
    const auto completion = completion_of(read(whole));
    CHECK(
        completion.body ==
        R"({"id":"msg_1","model":"m","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"A dot.","reasoning_content":"look","tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"find","arguments":"{\"q\":\"dot\"}"}}]},"finish_reason":"tool_calls","native_finish_reason":"tool_use"}],"service_tier":"standard","usage":{"prompt_tokens":30,"completion_tokens":15,"total_tokens":45,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":0},"completion_tokens_details":{"reasoning_tokens":4}}})"
    );
    CHECK(completion.text == "A dot.");
    CHECK(completion.finish_reason == "tool_calls");
    CHECK(completion.model == "m");
    CHECK(completion.usage == Usage{30, 15, 10, 0, 0, 4});
    CHECK(completion.note == "");
}

TEST_CASE(
    "Texts of a message are joined, and blocks of unknown kinds are read over.", "[dialect]"
) {
    const auto completion = completion_of(read(message(
        R"({"type":"text","text":"a "},{"type":"redacted_thinking","data":"x"},{"type":"server_tool_use","id":"s","name":"search","input":{}},{"type":"new","text":"no"},{"type":"text","text":"b"},7)",
        R"("stop_reason":"end_turn")"
    )));
    CHECK(completion.text == "a b");
    CHECK_FALSE(
        Json::parse(completion.body).at("choices").at(0).at("message").contains("tool_calls")
    );
}

TEST_CASE("An answer of Anthropic without any block is an empty answer.", "[dialect]") {
    const auto completion = completion_of(read(message("", R"("stop_reason":"end_turn")")));
    CHECK(completion.text == "");
    const auto common = Json::parse(completion.body);
    CHECK(common.at("choices").at(0).at("message").at("content") == "");
}

TEST_CASE("An answer of Anthropic that only calls has a content of null.", "[dialect]") {
    const auto completion = completion_of(
        read(message(R"({"type":"tool_use","id":"t","name":"f"})", R"("stop_reason":"tool_use")"))
    );
    const auto message = Json::parse(completion.body).at("choices").at(0).at("message");
    CHECK(message.at("content").is_null());
    CHECK(message.at("tool_calls").at(0).at("function").at("arguments") == "{}");
}

TEST_CASE("Each stop reason of Anthropic has its word in the common form.", "[dialect]") {
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
        Row{"compaction", "paused"}
    );
    const auto completion = stopped_by(row.theirs);
    CHECK(completion.finish_reason == row.ours);
    CHECK(completion.note == "");
    const auto choice = Json::parse(completion.body).at("choices").at(0);
    CHECK(choice.at("finish_reason") == row.ours);
    CHECK(choice.at("native_finish_reason") == row.theirs);
}

TEST_CASE("A stop reason that nobody knows stays as it is.", "[dialect]") {
    const auto completion = stopped_by(R"(brand \"new\")");
    CHECK(completion.finish_reason == "brand \"new\"");
    const auto choice = Json::parse(completion.body).at("choices").at(0);
    CHECK(choice.at("finish_reason") == "brand \"new\"");
    CHECK_FALSE(choice.contains("native_finish_reason"));
}

TEST_CASE("A whole answer of Anthropic without a stop reason has no finish reason.", "[dialect]") {
    const auto completion =
        completion_of(read(message(R"({"type":"text","text":"a"})", R"("stop_reason":null)")));
    CHECK(completion.finish_reason == "");
    CHECK(Json::parse(completion.body).at("choices").at(0).at("finish_reason").is_null());
}

TEST_CASE("The input of Anthropic's usage includes what the cache read and wrote.", "[dialect]") {
    CHECK(
        usage_of(
            R"({"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":4000})"
        ) ==
        Json::parse(
            R"({"prompt_tokens":321,"completion_tokens":4000,"total_tokens":4321,"prompt_tokens_details":{"cached_tokens":300,"cache_write_tokens":20}})"
        )
    );
    CHECK(
        usage_of(R"({"input_tokens":1,"output_tokens":2})") ==
        Json::parse(R"({"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})")
    );
}

TEST_CASE("Every part of Anthropic's usage is kept, and so is the tier that served.", "[dialect]") {
    const auto completion = completion_of(read(message(
        R"({"type":"text","text":"a"})",
        R"("stop_reason":"end_turn","usage":{"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":4000,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":15},"output_tokens_details":{"thinking_tokens":7},"service_tier":"priority"})"
    )));
    CHECK(completion.usage == Usage{321, 4000, 300, 20, 15, 7});
    CHECK(completion.service_tier == "priority");
    CHECK(Json::parse(completion.body).at("service_tier") == "priority");
}

TEST_CASE("Counts of Anthropic's usage that make no sense are not told.", "[dialect]") {
    CHECK(usage_of("{}").is_null());
    CHECK(usage_of("null").is_null());
    CHECK(usage_of(R"({"input_tokens":-1,"cache_read_input_tokens":null,"output_tokens":"x"})")
              .is_null());
    CHECK(usage_of(R"({"input_tokens":3})") == Json::parse(R"({"prompt_tokens":3})"));
    const auto huge = usage_of(
        R"({"input_tokens":9223372036854775807,"cache_read_input_tokens":9223372036854775807,"output_tokens":9223372036854775807})"
    );
    CHECK(huge.at("prompt_tokens").get<std::int64_t>() > 0);
    CHECK(huge.at("total_tokens").get<std::int64_t>() > 0);
}

TEST_CASE("An error of Anthropic in place of an answer is read as an error.", "[dialect]") {
    const std::string body =
        R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"})";
    CHECK(fault_of(read(body)).kind == FaultKind::overloaded);
    const auto fault = fault_of(read(body, {.status = 529}));
    CHECK(fault.kind == FaultKind::overloaded);
    CHECK(fault.remote_message == "Overloaded");
}

TEST_CASE("A body that is no message of Anthropic is no answer of it.", "[dialect]") {
    for (const std::string body :
         {"<html></html>",
          R"({"type":"message"})",
          R"({"type":"message","content":7,"stop_reason":"end_turn"})",
          R"({"type":"completion","content":[]})",
          "7"}) {
        INFO(body);
        CHECK(fault_of(read(body)).kind == FaultKind::bad_response);
    }
}

TEST_CASE("Content that is a text in place of blocks is the text of the answer.", "[dialect]") {
    const std::string body = R"({"type":"message","content":"a","stop_reason":"end_turn"})";
    CHECK(completion_of(read(body)).text == "a");
}

TEST_CASE("Foreign text is escaped in an answer of Anthropic.", "[dialect]") {
    const auto completion = completion_of(read(
        R"({"id":"\"","type":"message","model":"\\","content":[{"type":"text","text":"\u0000\"\u2028"},{"type":"tool_use","id":"\"","name":"\n","input":{"\"":"\u0001"}}],"stop_reason":"end_turn"})"
    ));
    const auto common = Json::parse(completion.body);
    CHECK(common.at("id") == "\"");
    CHECK(common.at("model") == "\\");
    CHECK(completion.text == std::string("\0\"\u2028", 5));
    const auto call = common.at("choices").at(0).at("message").at("tool_calls").at(0);
    CHECK(call.at("id") == "\"");
    CHECK(call.at("function").at("name") == "\n");
    CHECK(call.at("function").at("arguments") == R"({"\"":"\u0001"})");
}
