// What a chat in the common form becomes, byte for byte.
#include "unit/dialect/responses/ask.hpp"

#include <nlohmann/json.hpp>

using namespace skein;
using namespace skein::responses_test;

namespace {

std::string written(const std::string& body, const Endpoint& endpoint = {}) {
    const auto request = ask(body);
    CHECK(responses.refusal(endpoint, request).value_or("") == "");
    const auto written = responses.body(endpoint, request, 0);
    REQUIRE(written);
    REQUIRE(nlohmann::json::accept(*written));
    return *written;
}

const std::string hi = R"({"model":"m","input":[{"role":"user","content":"hi"}])";
const std::string not_kept = R"(,"store":false})";

// What the members become, between those that every request here has.
std::string more_of(const std::string& members, const Endpoint& endpoint = {}) {
    const auto body = written(with(members), endpoint);
    REQUIRE(body.starts_with(hi));
    REQUIRE(body.ends_with(not_kept));
    const auto size = body.size() - hi.size() - not_kept.size();
    return size == 0 ? "" : body.substr(hi.size() + 1, size - 1);
}

// The members `instructions` and `input` of a chat with these messages.
std::string items_of(const std::string& messages) {
    const std::string begin = R"({"model":"m",)";
    const auto body = written(R"({"model":"m","messages":[)" + messages + "]}");
    REQUIRE(body.starts_with(begin));
    REQUIRE(body.ends_with(not_kept));
    return body.substr(begin.size(), body.size() - begin.size() - not_kept.size());
}

std::string user_says(const std::string& parts) {
    const auto items = items_of(R"({"role":"user","content":[)" + parts + "]}");
    const std::string begin = R"("input":[{"role":"user","content":)";
    REQUIRE(items.starts_with(begin));
    return items.substr(begin.size(), items.size() - begin.size() - 2);
}

}  // namespace

TEST_CASE("A whole chat is written as the documents of Responses have it.", "[dialect]") {
    const auto body = written(
        R"({"model":"m","messages":[{"role":"system","content":"Be terse."},{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"max_completion_tokens":64,"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}},"reasoning_effort":"low","tools":[{"type":"function","function":{"name":"find","description":"Looks up","parameters":{"type":"object"},"strict":true}}],"tool_choice":"auto","parallel_tool_calls":false})"
    );
    CHECK(
        body ==
        R"({"model":"m","instructions":"Be terse.","input":[{"role":"user","content":[{"type":"input_text","text":"What is this?"},{"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"auto"}]}],"max_output_tokens":64,"text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object"},"strict":true}},"reasoning":{"effort":"low"},"tools":[{"type":"function","name":"find","description":"Looks up","parameters":{"type":"object"},"strict":true}],"tool_choice":"auto","parallel_tool_calls":false,"store":false})"
    );
}

TEST_CASE("Each member of a chat has its place in a request to Responses.", "[dialect]") {
    struct Row {
        const char* common;
        const char* theirs;
    };
    const auto row = GENERATE(
        Row{"", ""},
        Row{R"("max_tokens":7)", R"("max_output_tokens":7)"},
        Row{R"("max_tokens":3,"max_completion_tokens":5)", R"("max_output_tokens":5)"},
        Row{R"("temperature":0.70,"top_p":1)", R"("temperature":0.7,"top_p":1)"},
        Row{R"("stop":[])", ""},
        Row{R"("reasoning_effort":"none")", R"("reasoning":{"effort":"none"})"},
        Row{R"("verbosity":"low")", R"("text":{"verbosity":"low"})"},
        Row{R"("response_format":{"type":"json_object"},"verbosity":"low")",
            R"("text":{"format":{"type":"json_object"},"verbosity":"low"})"},
        Row{R"("response_format":{"type":"json_schema","json_schema":{"description":"d","schema":{}}})",
            R"("text":{"format":{"type":"json_schema","name":"answer","description":"d","schema":{}}})"},
        Row{R"("response_format":{"type":"text"})", ""},
        Row{R"("user":"u1")", R"("safety_identifier":"u1")"},
        Row{R"("user":"u1","safety_identifier":"s1")", R"("safety_identifier":"s1")"},
        Row{R"("metadata":{"a": "b"},"service_tier":"flex")",
            R"("metadata":{"a":"b"},"service_tier":"flex")"},
        Row{R"("prompt_cache_key":"k","prompt_cache_retention":"24h")",
            R"("prompt_cache_key":"k","prompt_cache_retention":"24h")"},
        Row{R"("logprobs":true)", R"("include":["message.output_text.logprobs"])"},
        Row{R"("logprobs":true,"top_logprobs":3)",
            R"("top_logprobs":3,"include":["message.output_text.logprobs"])"},
        Row{R"("parallel_tool_calls":true)", R"("parallel_tool_calls":true)"},
        Row{R"("stream":false,"seed":null)", ""}
    );
    INFO(row.common);
    CHECK(more_of(row.common) == row.theirs);
}

TEST_CASE("Members that say nothing are left out of a request to Responses.", "[dialect]") {
    CHECK(
        more_of(
            R"("n":1,"logprobs":false,"top_logprobs":0,"frequency_penalty":0,"presence_penalty":0.0)"
        ) == ""
    );
}

TEST_CASE("Responses keeps no answer unless the request says so.", "[dialect]") {
    CHECK(written(with("")) == hi + not_kept);
    CHECK(written(with(R"("store":false)")) == hi + not_kept);
    CHECK(written(with(R"("store":null)")) == hi + not_kept);
    CHECK(written(with(R"("store":true)")) == hi + R"(,"store":true})");
    CHECK(written(with(R"("store":true)"), {.drop = {"store"}}) == hi + not_kept);
}

TEST_CASE("A stream of Responses is asked for without options.", "[dialect]") {
    const std::string streamed = hi + R"(,"store":false,"stream":true})";
    CHECK(written(with(R"("stream":true)")) == streamed);
    CHECK(written(with(R"("stream":true,"stream_options":{"include_usage":true})")) == streamed);
}

TEST_CASE("Members that the endpoint drops are left out for Responses.", "[dialect]") {
    CHECK(more_of(R"("seed":7,"stop":"x")", {.drop = {"seed", "stop"}}) == "");
}

TEST_CASE("The limit of Responses is the request's, or else the endpoint's.", "[dialect]") {
    CHECK(more_of("", {.max_tokens = 9}) == R"("max_output_tokens":9)");
    CHECK(more_of(R"("max_tokens":7)", {.max_tokens = 9}) == R"("max_output_tokens":7)");
}

TEST_CASE("The model of the endpoint replaces that of a request to Responses.", "[dialect]") {
    CHECK(written(with(""), {.model = "a \"b\""}).starts_with(R"({"model":"a \"b\"",)"));
}

TEST_CASE("The choice of a tool is written in the words of Responses.", "[dialect]") {
    struct Row {
        const char* common;
        const char* theirs;
    };
    const auto row = GENERATE(
        Row{R"("none")", R"("none")"},
        Row{R"("auto")", R"("auto")"},
        Row{R"("required")", R"("required")"},
        Row{R"({"type":"function","function":{"name":"f"}})", R"({"type":"function","name":"f"})"}
    );
    CHECK(
        more_of(R"("tool_choice":)" + std::string{row.common}) ==
        R"("tool_choice":)" + std::string{row.theirs}
    );
}

TEST_CASE("A tool of Responses is flat, and as strict as the chat says.", "[dialect]") {
    const auto tool = [](const std::string& function) {
        return more_of(R"("tools":[{"type":"function","function":)" + function + "}]");
    };
    CHECK(
        tool(R"({"name":"f","description":"d","parameters":{"type": "object"},"strict":true})") ==
        R"("tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true}])"
    );
    CHECK(
        tool(R"({"name":"f"})") ==
        R"("tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false}])"
    );
}

TEST_CASE(
    "Leading system messages are the instructions, and later ones keep place and role.", "[dialect]"
) {
    CHECK(
        items_of(
            R"({"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]},{"role":"user","content":"d"},{"role":"system","content":"e"},{"role":"developer","content":"f"})"
        ) ==
        R"("instructions":"a\n\nbc","input":[{"role":"user","content":"d"},{"role":"system","content":"e"},{"role":"developer","content":"f"}])"
    );
}

TEST_CASE("System messages alone are the input of Responses.", "[dialect]") {
    CHECK(
        items_of(R"({"role":"system","content":"a"},{"role":"developer","content":"b"})") ==
        R"("input":[{"role":"system","content":"a"},{"role":"developer","content":"b"}])"
    );
}

TEST_CASE("Calls and their results are items of their own.", "[dialect]") {
    CHECK(
        items_of(
            R"({"role":"user","content":"q"},{"role":"assistant","content":"look","tool_calls":[{"id":"t1","type":"function","function":{"name":"find","arguments":"{ \"q\": 1.50 }"}},{"id":"t2","type":"function","function":{"name":"now","arguments":""}}]},{"role":"tool","tool_call_id":"t1","content":"one"},{"role":"tool","tool_call_id":"t2","content":""},{"role":"assistant","content":null,"tool_calls":[{"id":"t3","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"t3","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://host/a.png","detail":"low"}}]})"
        ) ==
        R"("input":[{"role":"user","content":"q"},{"role":"assistant","content":"look"},{"type":"function_call","call_id":"t1","name":"find","arguments":"{ \"q\": 1.50 }"},{"type":"function_call","call_id":"t2","name":"now","arguments":"{}"},{"type":"function_call_output","call_id":"t1","output":"one"},{"type":"function_call_output","call_id":"t2","output":""},{"type":"function_call","call_id":"t3","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"t3","output":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"https://host/a.png","detail":"low"}]}])"
    );
}

TEST_CASE("An assistant's message to Responses is one text.", "[dialect]") {
    CHECK(
        items_of(
            R"({"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":""})"
        ) == R"("input":[{"role":"assistant","content":"ab"},{"role":"assistant","content":""}])"
    );
}

TEST_CASE("Images and files become parts of an input.", "[dialect]") {
    struct Row {
        const char* common;
        const char* theirs;
    };
    const auto row = GENERATE(
        Row{R"({"type":"image_url","image_url":{"url":"https://host/a.png","detail":"original"}})",
            R"({"type":"input_image","image_url":"https://host/a.png","detail":"original"})"},
        Row{R"({"type":"image_url","image_url":"https://host/a.png"})",
            R"({"type":"input_image","image_url":"https://host/a.png","detail":"auto"})"},
        Row{R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}})",
            R"({"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="})"},
        Row{R"({"type":"file","file":{"file_data":"https://host/a.pdf"}})",
            R"({"type":"input_file","file_url":"https://host/a.pdf"})"},
        Row{R"({"type":"file","file":{"file_id":"file_1"}})",
            R"({"type":"input_file","file_id":"file_1"})"}
    );
    INFO(row.common);
    CHECK(
        user_says(R"({"type":"text","text":"a"},)" + std::string{row.common}) ==
        R"([{"type":"input_text","text":"a"},)" + std::string{row.theirs} + ']'
    );
}

TEST_CASE("One text in a list is a text to Responses.", "[dialect]") {
    CHECK(user_says(R"({"type":"text","text":"a"})") == R"("a")");
    CHECK(user_says("") == R"("")");
}

TEST_CASE("Foreign text is escaped in a body for Responses.", "[dialect]") {
    CHECK(user_says(R"({"type":"text","text":"\u0000\"\\\n\u2028"})") == R"("\u0000\"\\\n\u2028")");
}
