// Whole answers of the Responses API, read as the program reads them.
#include "unit/dialect/responses/ask.hpp"

#include <nlohmann/json.hpp>

using namespace skein;
using namespace skein::responses_test;
using Json = nlohmann::json;

namespace {

Outcome read(const std::string& body, const Answer& answer = {}) {
    return read_answer(asked(), answer, body, {}, responses_endpoint);
}

// A Response with these items and members.
std::string response(const std::string& items, const std::string& more) {
    return R"({"id":"resp_1","object":"response","model":"m","output":[)" + items + "]," + more +
           '}';
}

const std::string completed = R"("status":"completed","error":null,"incomplete_details":null)";

std::string message(const std::string& parts, const std::string& more = {}) {
    return R"({"type":"message","id":"msg_1","role":"assistant","status":"completed",)" + more +
           R"("content":[)" + parts + "]}";
}

std::string text(const std::string& words) {
    return R"({"type":"output_text","text":")" + words + R"(","annotations":[]})";
}

Completion answer_of(const std::string& items) {
    return completion_of(read(response(items, completed)));
}

Json message_of(const Completion& completion) {
    return Json::parse(completion.body).at("choices").at(0).at("message");
}

Json usage_of(const std::string& usage) {
    const auto body = response(message(text("a")), completed + R"(,"usage":)" + usage);
    return Json::parse(completion_of(read(body)).body).value("usage", Json{});
}

}  // namespace

TEST_CASE("A Response becomes a chat completion, byte for byte.", "[dialect]") {
    const auto completion = completion_of(read(
        R"({"id":"resp_1","object":"response","created_at":1796032081,"model":"m","status":"completed","error":null,"incomplete_details":null,"service_tier":"default","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"look"},{"type":"summary_text","text":"again"}]},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"A dot.","annotations":[],"logprobs":[{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[]}]}]},{"type":"function_call","id":"fc_1","call_id":"call_1","name":"find","arguments":"{\"q\":\"dot\"}","status":"completed"}],"usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":10,"cache_write_tokens":5},"output_tokens":12,"output_tokens_details":{"reasoning_tokens":8},"total_tokens":42}})"
    ));
    CHECK(
        completion.body ==
        R"({"id":"resp_1","model":"m","service_tier":"default","object":"chat.completion","created":1796032081,"choices":[{"index":0,"message":{"role":"assistant","content":"A dot.","reasoning_content":"look\n\nagain","tool_calls":[{"id":"call_1","type":"function","function":{"name":"find","arguments":"{\"q\":\"dot\"}"}}]},"logprobs":{"content":[{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[]}]},"finish_reason":"tool_calls","native_finish_reason":"completed"}],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":5},"completion_tokens_details":{"reasoning_tokens":8}}})"
    );
    CHECK(completion.text == "A dot.");
    CHECK(completion.finish_reason == "tool_calls");
    CHECK(completion.model == "m");
    CHECK(completion.usage == Usage{30, 12, 10, 5, 0, 8});
    CHECK(completion.note == "");
}

TEST_CASE("The text of a Response is that of all its messages, but no commentary.", "[dialect]") {
    const auto completion = answer_of(
        message(text("let me see"), R"("phase":"commentary",)") + ',' +
        message(text("a ") + ',' + text("b"), R"("phase":"final_answer",)") +
        R"(,{"type":"web_search_call","id":"ws_1"},7,)" +
        message(text("c") + R"(,{"type":"brand_new","text":"no"},7)", R"("phase":null,)")
    );
    CHECK(completion.text == "a bc");
    CHECK(completion.finish_reason == "stop");
}

TEST_CASE("A refusal in a Response is the refusal of the message.", "[dialect]") {
    const auto completion = answer_of(message(R"({"type":"refusal","refusal":"I will not."})"));
    CHECK(completion.text == "");
    CHECK(completion.finish_reason == "stop");
    CHECK(message_of(completion).at("refusal") == "I will not.");
    CHECK(message_of(completion).at("content").is_null());
}

TEST_CASE("Reasoning that is told counts more than its summary.", "[dialect]") {
    const auto completion = answer_of(
        R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"short"}],"content":[{"type":"reasoning_text","text":"long "},{"type":"reasoning_text","text":"way"}]},)" +
        message(text("a"))
    );
    CHECK(message_of(completion).at("reasoning_content") == "long way");
}

TEST_CASE("A Response that only calls has a content of null.", "[dialect]") {
    const auto completion = answer_of(
        R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":""},{"type":"function_call","id":"fc_2","name":"g","arguments":{"a": 1}})"
    );
    const auto message = message_of(completion);
    CHECK(message.at("content").is_null());
    CHECK(message.at("tool_calls").at(0).at("id") == "c1");
    CHECK(message.at("tool_calls").at(0).at("function").at("arguments") == "");
    CHECK(message.at("tool_calls").at(1).at("id") == "fc_2");
    CHECK(message.at("tool_calls").at(1).at("function").at("arguments") == R"({"a":1})");
}

TEST_CASE("A Response without any item is an empty answer.", "[dialect]") {
    const auto completion = answer_of("");
    CHECK(completion.text == "");
    CHECK(message_of(completion).at("content") == "");
}

TEST_CASE("Each way in which a Response ends has its word in the common form.", "[dialect]") {
    struct Row {
        const char* status;
        const char* ours;
        const char* theirs;
    };
    const auto row = GENERATE(
        Row{R"("status":"completed")", "stop", "completed"},
        Row{R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})",
            "length",
            "max_output_tokens"},
        Row{R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})",
            "content_filter",
            ""},
        Row{R"("status":"incomplete","incomplete_details":{"reason":"brand_new"})",
            "brand_new",
            ""},
        Row{R"("status":"incomplete","incomplete_details":null)", "incomplete", ""},
        Row{R"("status":"brand_new")", "brand_new", ""}
    );
    INFO(row.status);
    const auto completion = completion_of(read(response(message(text("a")), row.status)));
    CHECK(completion.text == "a");
    CHECK(completion.finish_reason == row.ours);
    const auto choice = Json::parse(completion.body).at("choices").at(0);
    CHECK(choice.at("finish_reason") == row.ours);
    CHECK(choice.value("native_finish_reason", "") == row.theirs);
}

TEST_CASE("A thinking model that used up its tokens gives an empty answer.", "[dialect]") {
    const auto completion = completion_of(read(response(
        R"({"type":"reasoning","id":"rs_1","summary":[]})",
        R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"
    )));
    CHECK(completion.text == "");
    CHECK(completion.finish_reason == "length");
}

TEST_CASE("A Response without a status has no finish reason.", "[dialect]") {
    const auto completion = completion_of(read(response(message(text("a")), R"("error":null)")));
    CHECK(completion.finish_reason == "");
}

TEST_CASE("A Response that failed is a fault by its code, with status 200.", "[dialect]") {
    struct Row {
        const char* status;
        FaultKind kind;
        const char* words;
    };
    const auto row = GENERATE(
        Row{R"("status":"failed","error":{"code":"server_error","message":"no"})",
            FaultKind::server_error,
            "no"},
        Row{R"("status":"failed","error":{"code":"rate_limit_exceeded","message":"no"})",
            FaultKind::throttled,
            "no"},
        Row{R"("status":"failed","error":{"code":"invalid_prompt","message":"no"})",
            FaultKind::filtered,
            "no"},
        Row{R"("status":"failed","error":{"code":"invalid_image","message":"no"})",
            FaultKind::rejected,
            "no"},
        Row{R"("status":"completed","error":{"code":"bio_policy","message":"no"})",
            FaultKind::filtered,
            "no"},
        Row{R"("status":"failed","error":null)", FaultKind::server_error, "the response failed"},
        Row{R"("status":"failed","error":{})", FaultKind::server_error, "the response failed"},
        Row{R"("status":"cancelled","error":null)",
            FaultKind::server_error,
            "the response was cancelled"}
    );
    INFO(row.status);
    const auto fault = fault_of(read(response(message(text("a")), row.status)));
    CHECK(fault.kind == row.kind);
    CHECK(fault.remote_message == row.words);
    CHECK(fault.http_status == 200);
}

TEST_CASE("A Response that is not finished is no answer.", "[dialect]") {
    for (const auto* status : {"queued", "in_progress"}) {
        const auto body = response(message(text("a")), R"("status":")" + std::string{status} + '"');
        CHECK(fault_of(read(body)).kind == FaultKind::bad_response);
    }
}

TEST_CASE("The usage of a Response is told in the common form.", "[dialect]") {
    CHECK(
        usage_of(R"({"input_tokens":1,"output_tokens":2,"total_tokens":3})") ==
        Json::parse(R"({"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})")
    );
    CHECK(
        usage_of(
            R"({"input_tokens":1,"input_tokens_details":{"cached_tokens":1},"output_tokens":2,"output_tokens_details":{}})"
        ) ==
        Json::parse(
            R"({"prompt_tokens":1,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1}})"
        )
    );
    CHECK(usage_of("{}").is_null());
    CHECK(usage_of("null").is_null());
    CHECK(usage_of(R"({"input_tokens":-1,"output_tokens":"x","total_tokens":null})").is_null());
    CHECK(usage_of(R"({"input_tokens":3})") == Json::parse(R"({"prompt_tokens":3})"));
    const auto huge = usage_of(R"({"input_tokens":9223372036854775807,"output_tokens":1})");
    CHECK(huge.at("prompt_tokens").get<std::int64_t>() > 0);
}

TEST_CASE("An error of OpenAI in place of a Response is read as an error.", "[dialect]") {
    const std::string body =
        R"({"error":{"message":"Slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}})";
    CHECK(fault_of(read(body)).kind == FaultKind::throttled);
    CHECK(fault_of(read(body, {.status = 429})).kind == FaultKind::throttled);
    const auto flat = fault_of(read(R"({"error":"no","error_type":"overloaded"})"));
    CHECK(flat.kind == FaultKind::overloaded);
    CHECK(flat.remote_message == "no");
}

TEST_CASE("A body that is no Response is no answer of it.", "[dialect]") {
    for (const std::string body :
         {"<html></html>",
          "7",
          "{}",
          R"({"object":"response","status":"completed"})",
          R"({"object":"response","output":7,"status":"completed"})",
          R"({"object":"list","data":[]})"}) {
        INFO(body);
        CHECK(fault_of(read(body)).kind == FaultKind::bad_response);
    }
}

TEST_CASE("A chat completion in place of a Response is read as one.", "[dialect]") {
    const std::string body =
        R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]})";
    CHECK(completion_of(read(body)).text == "a");
}

TEST_CASE("A message of a Response whose content is a text has this text.", "[dialect]") {
    CHECK(answer_of(R"({"type":"message","content":"a"})").text == "a");
}

TEST_CASE("Foreign text is escaped in an answer of Responses.", "[dialect]") {
    const auto completion = completion_of(read(
        R"({"id":"\"","object":"response","model":"\\","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"\u0000\"\u2028"}]},{"type":"function_call","call_id":"\"","name":"\n","arguments":"\u0001"}]})"
    ));
    const auto common = Json::parse(completion.body);
    CHECK(common.at("id") == "\"");
    CHECK(common.at("model") == "\\");
    CHECK(completion.text == std::string("\0\"\u2028", 5));
    const auto call = common.at("choices").at(0).at("message").at("tool_calls").at(0);
    CHECK(call.at("id") == "\"");
    CHECK(call.at("function").at("name") == "\n");
    CHECK(call.at("function").at("arguments") == "\x01");
}
