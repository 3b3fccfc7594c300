// What a chat in the common form becomes, byte for byte.
#include "dialect/dialects.hpp"
#include "unit/dialect/anthropic/chat.hpp"

#include <nlohmann/json.hpp>

using Catch::Matchers::Contains;
using namespace skein;
using namespace skein::test;

namespace {

std::string written(const std::string& body, const Endpoint& endpoint = {}) {
    const auto request = chat(body);
    CHECK(anthropic.refusal(endpoint, request).value_or("") == "");
    const auto written = anthropic.body(endpoint, request, 0);
    REQUIRE(written);
    REQUIRE(nlohmann::json::accept(*written));
    return *written;
}

const std::string hi =
    R"({"model":"m","max_tokens":64,"messages":[{"role":"user","content":"hi"}])";

// What the members become, behind those that every request here has.
std::string more_of(const std::string& members, const Endpoint& endpoint = {}) {
    const auto body = written(with(members), endpoint);
    REQUIRE(body.starts_with(hi));
    return body == hi + '}' ? "" : body.substr(hi.size() + 1, body.size() - hi.size() - 2);
}

// The members `system` and `messages` of a chat with these messages.
std::string messages_of(const std::string& messages) {
    const std::string begin = R"({"model":"m","max_tokens":1,)";
    const auto body = written(R"({"model":"m","max_tokens":1,"messages":[)" + messages + "]}");
    REQUIRE(body.starts_with(begin));
    return body.substr(begin.size(), body.size() - begin.size() - 1);
}

std::string user_says(const std::string& parts) {
    const auto written = messages_of(R"({"role":"user","content":[)" + parts + "]}");
    const std::string begin = R"("messages":[{"role":"user","content":)";
    REQUIRE(written.starts_with(begin));
    return written.substr(begin.size(), written.size() - begin.size() - 2);
}

}  // namespace

TEST_CASE("A whole chat is written as Anthropic's documents have it.", "[dialect]") {
    const auto body = written(
        R"({"model":"m","messages":[{"role":"system","content":"Be terse."},{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]}],"max_completion_tokens":64,"stop":"END","reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object","properties":{"what":{"type":"string"}},"required":["what"],"additionalProperties":false}}},"tools":[{"type":"function","function":{"name":"find","description":"Looks up","parameters":{"type":"object"}}}],"tool_choice":"auto","parallel_tool_calls":false})"
    );
    CHECK(
        body ==
        R"({"model":"m","max_tokens":64,"system":"Be terse.","messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}],"stop_sequences":["END"],"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{"what":{"type":"string"}},"required":["what"],"additionalProperties":false}}},"tools":[{"name":"find","description":"Looks up","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"
    );
}

TEST_CASE("Each member of a chat has its place in a request to Anthropic.", "[dialect]") {
    struct Row {
        const char* common;
        const char* theirs;
    };
    const auto row = GENERATE(
        Row{"", ""},
        Row{R"("temperature":0.70)", R"("temperature":0.7)"},
        Row{R"("temperature":0,"top_p":0.5,"top_k":40)",
            R"("temperature":0,"top_p":0.5,"top_k":40)"},
        Row{R"("stop":["a","\""])", R"("stop_sequences":["a","\""])"},
        Row{R"("stop":[])", ""},
        Row{R"("reasoning_effort":"max")", R"("output_config":{"effort":"max"})"},
        Row{R"("reasoning_effort":"none")", R"("thinking":{"type":"disabled"})"},
        Row{R"("user":"u1")", R"("metadata":{"user_id":"u1"})"},
        Row{R"("user":"u1","safety_identifier":"s1")", R"("metadata":{"user_id":"s1"})"},
        Row{R"("service_tier":"auto")", R"("service_tier":"auto")"},
        Row{R"("service_tier":"default")", R"("service_tier":"standard_only")"},
        Row{R"("stream":true)", R"("stream":true)"},
        Row{R"("stream":true,"stream_options":{"include_usage":true})", R"("stream":true)"},
        Row{R"("stream":false)", ""},
        Row{R"("store":true)", ""},
        Row{R"("seed":null,"parallel_tool_calls":true)", ""}
    );
    INFO(row.common);
    CHECK(more_of(row.common) == row.theirs);
}

TEST_CASE("Members that say nothing are left out and not refused.", "[dialect]") {
    CHECK(
        more_of(
            R"("n":1,"logprobs":false,"top_logprobs":0,"frequency_penalty":0,"presence_penalty":0.0,"response_format":{"type":"text"})"
        ) == ""
    );
}

TEST_CASE("Members that the endpoint drops are left out of a request to Anthropic.", "[dialect]") {
    const Endpoint endpoint{.drop = {"seed", "temperature"}};
    CHECK(more_of(R"("seed":7,"temperature":1)", endpoint) == "");
}

TEST_CASE("The choice of a tool is written in Anthropic's words.", "[dialect]") {
    struct Row {
        const char* common;
        const char* theirs;
    };
    const auto row = GENERATE(
        Row{R"("tool_choice":"none")", R"("tool_choice":{"type":"none"})"},
        Row{R"("tool_choice":"auto")", R"("tool_choice":{"type":"auto"})"},
        Row{R"("tool_choice":"required")", R"("tool_choice":{"type":"any"})"},
        Row{R"("tool_choice":{"type":"function","function":{"name":"f"}})",
            R"("tool_choice":{"type":"tool","name":"f"})"},
        Row{R"("parallel_tool_calls":false)",
            R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})"},
        Row{R"("tool_choice":"required","parallel_tool_calls":false)",
            R"("tool_choice":{"type":"any","disable_parallel_tool_use":true})"},
        Row{R"("tool_choice":"none","parallel_tool_calls":false)",
            R"("tool_choice":{"type":"none"})"}
    );
    const std::string tools = R"("tools":[{"type":"function","function":{"name":"f"}}],)";
    INFO(row.common);
    CHECK(
        more_of(tools + row.common) ==
        R"("tools":[{"name":"f","input_schema":{"type":"object"}}],)" + std::string{row.theirs}
    );
}

TEST_CASE("One call at a time says nothing to Anthropic where there is no tool.", "[dialect]") {
    CHECK(more_of(R"("parallel_tool_calls":false)") == "");
}

TEST_CASE("A tool keeps its description, its parameters and its strictness.", "[dialect]") {
    CHECK(
        more_of(
            R"("tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,"parameters":{"type": "object", "properties": {}}}}])"
        ) ==
        R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}},"strict":true}])"
    );
}

TEST_CASE(
    "The limit of Anthropic's answer is the request's, or else the endpoint's.", "[dialect]"
) {
    const Endpoint endpoint{.max_tokens = 7};
    const std::string rest = R"("messages":[{"role":"user","content":"hi"}])";
    CHECK(written("{" + rest + "}", endpoint) == R"({"max_tokens":7,)" + rest + "}");
    CHECK(
        written(R"({"max_tokens":3,"max_completion_tokens":5,)" + rest + "}", endpoint) ==
        R"({"max_tokens":5,)" + rest + "}"
    );
}

TEST_CASE("The model of the endpoint replaces that of a request to Anthropic.", "[dialect]") {
    const auto body = written(with(""), {.model = "claude \"x\""});
    CHECK(body.starts_with(R"({"model":"claude \"x\"","max_tokens":64,)"));
}

TEST_CASE(
    "Leading system messages are Anthropic's system, and later ones stay in place.", "[dialect]"
) {
    CHECK(
        messages_of(
            R"({"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"},{"type":"text","text":""}]},{"role":"user","content":"c"},{"role":"system","content":"d"})"
        ) ==
        R"("system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"messages":[{"role":"user","content":"c"},{"role":"system","content":"d"}])"
    );
}

TEST_CASE("Messages of one speaker in a row become one message to Anthropic.", "[dialect]") {
    CHECK(
        messages_of(
            R"({"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"},{"role":"assistant","content":"d"},{"role":"user","content":"e"})"
        ) ==
        R"("messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"text","text":"c"},{"type":"text","text":"d"}]},{"role":"user","content":"e"}])"
    );
}

TEST_CASE("The results of tools are the first blocks of one message of the user.", "[dialect]") {
    CHECK(
        messages_of(
            R"({"role":"user","content":"q"},{"role":"assistant","content":"look","tool_calls":[{"id":"t1","type":"function","function":{"name":"find","arguments":"{ \"q\": 1.50 }"}},{"id":"t2","type":"function","function":{"name":"now","arguments":""}}]},{"role":"tool","tool_call_id":"t1","content":"one"},{"role":"tool","tool_call_id":"t2","content":""},{"role":"user","content":"go on"})"
        ) ==
        R"("messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":"look"},{"type":"tool_use","id":"t1","name":"find","input":{"q":1.50}},{"type":"tool_use","id":"t2","name":"now","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one"},{"type":"tool_result","tool_use_id":"t2"},{"type":"text","text":"go on"}]}])"
    );
}

TEST_CASE("A message of the assistant that only calls has only calls at Anthropic.", "[dialect]") {
    CHECK(
        messages_of(
            R"({"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"t1","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"
        ) ==
        R"("messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}])"
    );
}

TEST_CASE("Images and files become blocks with a source.", "[dialect]") {
    struct Row {
        const char* common;
        const char* theirs;
    };
    const auto row = GENERATE(
        Row{R"({"type":"image_url","image_url":{"url":"https://host/a.png"}})",
            R"([{"type":"image","source":{"type":"url","url":"https://host/a.png"}}])"},
        Row{R"({"type":"image_url","image_url":{"url":"data:image/webp;base64,AA=="}})",
            R"([{"type":"image","source":{"type":"base64","media_type":"image/webp","data":"AA=="}}])"},
        Row{R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}})",
            R"([{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA=="},"title":"a.pdf"}])"},
        Row{R"({"type":"file","file":{"file_data":"data:text/markdown;base64,R8OkbnNlIQ=="}})",
            R"([{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Gänse!"}}])"},
        Row{R"({"type":"file","file":{"file_data":"https://host/a.pdf"}})",
            R"([{"type":"document","source":{"type":"url","url":"https://host/a.pdf"}}])"},
        Row{R"({"type":"file","file":{"file_id":"file_1"}})",
            R"([{"type":"document","source":{"type":"file","file_id":"file_1"}}])"}
    );
    INFO(row.common);
    CHECK(user_says(row.common) == row.theirs);
}

TEST_CASE("Empty texts are left out of a message to Anthropic.", "[dialect]") {
    CHECK(user_says(R"({"type":"text","text":""},{"type":"text","text":"a"})") == R"("a")");
}

TEST_CASE("Foreign text is escaped in a body for Anthropic.", "[dialect]") {
    CHECK(user_says(R"({"type":"text","text":"\u0000\"\\\n\u2028"})") == R"("\u0000\"\\\n\u2028")");
}

TEST_CASE("An answer that may take more than ten minutes is streamed by Anthropic.", "[dialect]") {
    const auto asked = [](const std::string& limit) {
        return R"({"model":"m","messages":[{"role":"user","content":"hi"}])" + limit + '}';
    };
    const std::string stream = R"("stream":true)";
    CHECK_THAT(written(asked(R"(,"max_tokens":21334)")), Contains(stream));
    CHECK_THAT(written(asked(R"(,"max_tokens":21333)")), !Contains(stream));
    const Endpoint generous{.api = Api::anthropic, .max_tokens = 64'000};
    CHECK_THAT(written(asked(""), generous), Contains(stream));
    CHECK_THAT(written(asked(R"(,"max_tokens":9)"), generous), !Contains(stream));
    CHECK(is_streamed(generous, chat(asked(""))));
    CHECK_FALSE(is_streamed({.api = Api::openai, .max_tokens = 64'000}, chat(asked(""))));
}

TEST_CASE("A request larger than 32 MB is not for Anthropic.", "[dialect]") {
    const auto asked = [](std::size_t size) {
        return chat(
            R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":")" +
            std::string(size, 'x') + R"("}]})"
        );
    };
    CHECK_FALSE(misfit(anthropic_endpoint, asked(32 * 1024 * 1024 - 100)));
    const auto large = asked(32 * 1024 * 1024);
    CHECK_THAT(
        misfit(anthropic_endpoint, large).value_or(""),
        Contains("anthropic takes requests of 33554432 bytes at most, and this one has 335545")
    );
    CHECK_FALSE(misfit({.api = Api::openai}, large));
}
