#include "client.hpp"
#include "mock_server/responses/question.hpp"
#include "mock_server/server.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace skein::mock;
using namespace skein::mock::test;
using Json = nlohmann::json;

namespace {

constexpr std::string_view said = R"("input":[{"role":"user","content":"echo:one two three"}])";

std::string body_with(std::string_view more) {
    return R"({"model":"m",)" + std::string{said} + std::string{more} + "}";
}

std::string asks(std::string_view more = "") { return post("/v1/responses", body_with(more)); }

std::string refused(const std::string& body) {
    const auto question = responses::question_of(body);
    const auto* none = std::get_if<NoQuestion>(&question);
    return none ? none->why : "not refused";
}

std::string refused_input(const std::string& input) {
    return refused(R"({"model":"m","input":)" + input + "}");
}

std::vector<Json> events_of(std::string rest) {
    std::vector<Json> events;
    while (!rest.empty()) {
        REQUIRE(rest.starts_with("event: "));
        const auto line = rest.find('\n');
        const auto end = rest.find("\n\n");
        REQUIRE(rest.compare(line, 7, "\ndata: ") == 0);
        events.push_back(Json::parse(rest.substr(line + 7, end - line - 7)));
        CHECK(events.back()["type"] == rest.substr(7, line - 7));
        CHECK(events.back()["sequence_number"] == events.size() - 1);
        rest.erase(0, end + 2);
    }
    return events;
}

}  // namespace

TEST_CASE("A Response has every member that its official types require", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(asks(R"(,"store":false)"));
    CHECK(response.status == 200);
    CHECK(response.headers.at("content-type") == "application/json");
    CHECK(response.headers.at("x-request-id").starts_with("req_"));
    const auto body = Json::parse(response.body);
    for (const auto* name :
         {"id",
          "created_at",
          "error",
          "incomplete_details",
          "instructions",
          "metadata",
          "parallel_tool_calls",
          "temperature",
          "tool_choice",
          "tools",
          "top_p"}) {
        INFO(name);
        CHECK(body.contains(name));
    }
    CHECK(body["object"] == "response");
    CHECK(body["status"] == "completed");
    CHECK(body["output"][0]["role"] == "assistant");
    CHECK(
        body["output"][0]["content"] ==
        Json::parse(
            R"([{"type":"output_text","text":"one two three","annotations":[],"logprobs":[]}])"
        )
    );
    CHECK(
        body["usage"] ==
        Json::parse(
            R"({"input_tokens":7,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":10})"
        )
    );
}

TEST_CASE("The events of a Response are numbered, and the last one has all of it", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(asks(R"(,"stream":true,"max_output_tokens":2)"));
    CHECK(response.headers.at("content-type") == "text/event-stream; charset=utf-8");
    const auto events = events_of(response.body);
    REQUIRE(events.size() == 10);
    CHECK(events[0]["response"]["status"] == "in_progress");
    CHECK_FALSE(events[0]["response"].contains("usage"));
    CHECK(events[4]["type"] == "response.output_text.delta");
    CHECK(events[4]["delta"] == "one");
    CHECK(events[4]["logprobs"] == Json::array());
    CHECK(events[5]["delta"] == " two");
    CHECK(events[6]["text"] == "one two");
    CHECK(events[9]["type"] == "response.incomplete");
    auto last = events[9]["response"];
    CHECK(last["incomplete_details"]["reason"] == "max_output_tokens");
    const auto plain = Json::parse(client.ask(asks(R"(,"max_output_tokens":2)")).body);
    CHECK(last == plain);
}

TEST_CASE("Responses calls a function that must be called", "[mock]") {
    Server server;
    Client client{server.port()};
    const std::string ask =
        R"({"model":"m","input":"echo:{\"q\":\"a dot\"}","tools":[{"type":"function","name":"f","parameters":{},"strict":false}],"tool_choice":"required")";
    const auto plain = Json::parse(client.ask(post("/v1/responses", ask + "}")).body);
    const auto& call = plain["output"][0];
    CHECK(call["type"] == "function_call");
    CHECK(call["call_id"].get<std::string>().starts_with("call_"));
    CHECK(call["name"] == "f");
    CHECK(call["arguments"] == R"({"q":"a dot"})");
    const auto events =
        events_of(client.ask(post("/v1/responses", ask + R"(,"stream":true})")).body);
    REQUIRE(events.size() == 8);
    CHECK(events[2]["item"]["arguments"] == "");
    CHECK(events[3]["type"] == "response.function_call_arguments.delta");
    CHECK(events[4]["delta"] == " dot\"}");
    CHECK(events[7]["response"] == plain);
}

TEST_CASE("The ledger tells whether a Response may be kept", "[mock]") {
    Server server;
    Client client{server.port()};
    client.ask(asks(R"(,"store":false)"));
    client.ask(asks(R"(,"store":true)"));
    client.ask(asks());
    const auto lines = client.ask(get("/ledger/requests")).body;
    CHECK(lines.find(R"("path":"/v1/responses","api":"responses",)") != std::string::npos);
    CHECK(lines.find(R"("store":false,)") < lines.find(R"("store":true,)"));
    CHECK(lines.find(R"("store":true,)") < lines.find(R"("store":null,)"));
}

TEST_CASE("A body of Responses has known members only, and none of a chat's", "[mock]") {
    CHECK(refused(body_with("")) == "not refused");
    CHECK(refused("[]") == "the body must be a JSON object");
    CHECK(refused("{" + std::string{said} + "}") == "Missing required parameter: 'model'.");
    CHECK(refused(R"({"model":"m"})") == "Missing required parameter: 'input'.");
    for (const std::string name :
         {"messages", "max_tokens", "n", "stop", "seed", "response_format", "logit_bias"}) {
        CHECK(refused(body_with(",\"" + name + "\":null")) == "Unknown parameter: '" + name + "'.");
    }
    struct Row {
        const char* more;
        const char* why;
    };
    for (const auto& row : std::vector<Row>{
             {R"(,"tools":[{"type":"function","function":{"name":"f"}}])",
              "Unknown parameter: 'tools[0].function'."},
             {R"(,"tools":[{"type":"function","parameters":{}}])",
              "Missing required parameter: 'tools[0].name'."},
             {R"(,"text":{"format":{"type":"json_schema","json_schema":{}}})",
              "Unknown parameter: 'format.json_schema'."},
             {R"(,"text":{"format":{"type":"json_schema","schema":{}}})",
              "Missing required parameter: 'text.format.name'."},
             {R"(,"tool_choice":"any")", "Invalid value for 'tool_choice'."},
             {R"(,"reasoning":{"effort":"huge"})", "Invalid value for 'reasoning.effort'."},
             {R"(,"stream_options":{"include_usage":true})",
              "Unknown parameter: 'stream_options.include_usage'."},
             {R"(,"store":1)", "store must be true or false"},
         }) {
        CHECK(refused(body_with(row.more)) == row.why);
    }
}

TEST_CASE("Items and parts of Responses have known members only", "[mock]") {
    struct Row {
        const char* input;
        const char* why;
    };
    for (const auto& row : std::vector<Row>{
             {R"("hi")", "not refused"},
             {"[]", "Invalid type for 'input': expected a string, or an array with an item."},
             {R"([{"role":"tool","content":"a"}])", "Invalid value for 'input[0].role'."},
             {R"([{"role":"user"}])", "Missing required parameter: 'input[0].content'."},
             {R"([{"role":"user","content":[{"type":"text","text":"a"}]}])",
              "Invalid value: 'text' at 'input[0].content[0].type'."},
             {R"([{"role":"user","content":[{"type":"output_text","text":"a"}]}])",
              "Invalid value: 'output_text' at 'input[0].content[0]' in a message of 'user'."},
             {R"([{"role":"assistant","content":[{"type":"input_text","text":"a"}]}])",
              "Invalid value: 'input_text' at 'input[0].content[0]' in a message of 'assistant'."},
             {R"([{"role":"user","content":[{"type":"input_image","image_url":"a"}]}])",
              "Missing required parameter: 'input[0].content[0].detail'."},
             {R"([{"role":"user","content":[{"type":"input_image","image_url":{"url":"a"},"detail":"auto","url":"b"}]}])",
              "Unknown parameter: 'input[0].content[0].url'."},
             {R"([{"type":"function_call","id":"c","name":"f","arguments":"{}"}])",
              "Missing required parameter: 'input[0].call_id'."},
             {R"([{"type":"function_call","call_id":"c","name":"f","arguments":{}}])",
              "Invalid type for 'input[0].arguments': expected a string."},
             {R"([{"type":"function_call_output","call_id":"c","output":7}])",
              "Invalid type for 'input[0].output': expected a string or an array."},
             {R"([{"type":"new"}])", "Invalid value: 'new' at 'input[0].type'."},
         }) {
        INFO(row.input);
        CHECK(refused_input(row.input) == row.why);
    }
    CHECK(refused_input(std::string(1'000'000, '[')) != "not refused");
}

TEST_CASE("Calls and results of Responses are messages of a chat in the prompt", "[mock]") {
    const auto prompt = std::get<Question>(responses::question_of(R"({"model":"m",
        "instructions":"Be terse.","input":[{"role":"user","content":"find"},
        {"type":"function_call","call_id":"t","name":"f","arguments":"{}"},
        {"type":"function_call","call_id":"u","name":"f","arguments":"{}"},
        {"type":"function_call_output","call_id":"t","output":"a dot"},
        {"type":"function_call_output","call_id":"u","output":[{"type":"input_text","text":"b"}]},
        {"role":"user","content":[{"type":"input_text","text":"and"},{"type":"input_text","text":"?"}]}
        ]})"))
                            .prompt;
    CHECK(
        prompt == "system: Be terse.\nuser: find\nassistant: \ntool: a dot\ntool: b\nuser: and?\n"
    );
}

TEST_CASE("the same conversation has the same answer in both APIs of OpenAI", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto chat = Json::parse(
        client
            .ask(post(
                "/v1/chat/completions",
                R"({"model":"m","messages":[{"role":"system","content":"Be terse."},{"role":"user","content":"Sure?"}]})"
            ))
            .body
    );
    const auto response = Json::parse(
        client
            .ask(post(
                "/v1/responses",
                R"({"model":"m","instructions":"Be terse.","input":[{"role":"user","content":"Sure?"}]})"
            ))
            .body
    );
    CHECK(response["output"][0]["content"][0]["text"] == chat["choices"][0]["message"]["content"]);
    CHECK(response["usage"]["total_tokens"] == chat["usage"]["total_tokens"]);
    const auto entries = server.ledger().entries;
    CHECK(entries.at(0).prompt_hash == entries.at(1).prompt_hash);
}

TEST_CASE("A fault of Responses has the form of Responses", "[mock]") {
    const auto faulty = [](Rule rule, bool stream) {
        Server server{Weather{.faults = {std::move(rule)}}};
        return Client{server.port()}.ask(asks(stream ? R"(,"stream":true)" : ""));
    };
    const auto status = faulty({.status = 503}, true);
    CHECK(Json::parse(status.body)["error"]["type"] == "server_error");
    const auto within =
        events_of(faulty({.fault = Mishap::error_in_stream, .after_tokens = 1}, true).body);
    REQUIRE(within.size() == 6);
    CHECK(within.back()["type"] == "error");
    CHECK(within.back()["code"] == "server_error");
    const auto cut = events_of(faulty({.fault = Mishap::cut_stream, .after_tokens = 2}, true).body);
    CHECK(cut.back()["delta"] == " two");
    const auto no_finish = events_of(faulty({.fault = Mishap::done_without_finish}, true).body);
    CHECK(no_finish.back()["type"] == "response.output_item.done");
    for (const auto fault : {Mishap::bad_json, Mishap::bad_utf8, Mishap::html, Mishap::empty}) {
        for (const bool stream : {false, true}) {
            CAPTURE(name_of(fault), stream);
            const auto response = faulty({.fault = fault}, stream);
            CHECK(response.status == 200);
            CHECK(response.whole);
            CHECK(response.body.find("choices") == std::string::npos);
            if (!stream) CHECK_FALSE(Json::accept(response.body));
        }
    }
    const auto huge = faulty({.fault = Mishap::huge, .bytes = 300'000}, false).body;
    CHECK(huge.size() == 300'000);
    CHECK(Json::parse(huge)["output"][0]["content"][0]["text"].get<std::string>().size() > 290'000);
}

TEST_CASE("The limit of Responses is told as that of a chat", "[mock]") {
    Server server{{.rpm = 1, .burst = 1}};
    Client client{server.port()};
    CHECK(client.ask(asks()).headers.at("x-ratelimit-remaining-requests") == "0");
    const auto limited = client.ask(asks());
    CHECK(limited.status == 429);
    CHECK(limited.headers.contains("retry-after"));
    CHECK(Json::parse(limited.body)["error"]["code"] == "rate_limit_exceeded");
}
