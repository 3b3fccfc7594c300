#include "client.hpp"
#include "mock_server/anthropic/question.hpp"
#include "mock_server/server.hpp"
#include "mock_server/service.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace skein::mock;
using namespace skein::mock::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr std::string_view version = "anthropic-version: 2023-06-01\r\n";
constexpr std::string_view said = R"("messages":[{"role":"user","content":"echo:one two three"}])";

std::string body_with(std::string_view more) {
    return R"({"model":"m","max_tokens":64,)" + std::string{said} + std::string{more} + "}";
}

std::string messages(std::string_view more = "", std::string_view headers = version) {
    return post("/v1/messages", body_with(more), headers);
}

std::string refused(const std::string& body, std::string_view day = "2023-06-01") {
    const auto question = anthropic::question_of(body, day);
    const auto* none = std::get_if<NoQuestion>(&question);
    return none ? none->why : "not refused";
}

// A body with other messages.
std::string refused_messages(const std::string& messages) {
    return refused(R"({"model":"m","max_tokens":9,"messages":)" + messages + "}");
}

std::string prompt_of(const std::string& body) {
    return std::get<Question>(anthropic::question_of(body, "2023-06-01")).prompt;
}

}  // namespace

TEST_CASE("Anthropic's answer has every member that its official types require", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(messages());
    CHECK(response.status == 200);
    CHECK(response.headers.at("content-type") == "application/json");
    CHECK(response.headers.at("request-id").starts_with("req_"));
    CHECK_FALSE(response.headers.contains("x-request-id"));
    auto body = Json::parse(response.body);
    CHECK(body["id"].get<std::string>().starts_with("msg_"));
    body.erase("id");
    CHECK(body == Json::parse(R"({"type":"message","role":"assistant","model":"m",
            "content":[{"type":"text","text":"one two three","citations":[]}],
            "stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"container":null,
            "diagnostics":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":0,
            "cache_read_input_tokens":0,"output_tokens":3,
            "output_tokens_details":{"thinking_tokens":0},"server_tool_use":null,
            "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},
            "inference_geo":null,"service_tier":"standard","speed":"standard"}})"));
    CHECK(server.sums().completion_tokens == 3);
}

TEST_CASE("Anthropic's stream comes event by event, each with its name", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(messages(R"(,"stream":true,"max_tokens":2)"));
    CHECK(response.headers.at("content-type") == "text/event-stream; charset=utf-8");
    std::vector<Json> events;
    auto rest = response.body;
    while (!rest.empty()) {
        REQUIRE(rest.starts_with("event: "));
        const auto line = rest.find('\n');
        const auto end = rest.find("\n\n");
        REQUIRE(rest.compare(line, 7, "\ndata: ") == 0);
        events.push_back(Json::parse(rest.substr(line + 7, end - line - 7)));
        CHECK(events.back()["type"] == rest.substr(7, line - 7));
        rest.erase(0, end + 2);
    }
    REQUIRE(events.size() == 8);
    const auto& message = events[0]["message"];
    CHECK(message["content"] == Json::array());
    CHECK(message["stop_reason"].is_null());
    CHECK(message["usage"]["input_tokens"] == 7);
    CHECK(message["usage"]["output_tokens"] == 1);
    CHECK(
        events[1]["content_block"] ==
        Json({{"type", "text"}, {"text", ""}, {"citations", Json::array()}})
    );
    CHECK(events[2] == Json({{"type", "ping"}}));
    CHECK(events[3]["delta"] == Json({{"type", "text_delta"}, {"text", "one"}}));
    CHECK(events[4]["delta"]["text"] == " two");
    CHECK(events[5] == Json({{"type", "content_block_stop"}, {"index", 0}}));
    CHECK(events[6]["delta"]["stop_reason"] == "max_tokens");
    CHECK(events[6]["usage"]["output_tokens"] == 2);
    CHECK(events[6]["usage"]["input_tokens"] == 7);
    CHECK(events[7] == Json({{"type", "message_stop"}}));
}

TEST_CASE("an answer of Anthropic's without text has no block", "[mock]") {
    Server server;
    Client client{server.port()};
    const std::string empty =
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"echo:"}])";
    const auto plain = client.ask(post("/v1/messages", empty + "}", version));
    CHECK(Json::parse(plain.body)["content"] == Json::array());
    const auto stream = client.ask(post("/v1/messages", empty + R"(,"stream":true})", version));
    CHECK(stream.body.find("content_block") == std::string::npos);
    CHECK(stream.body.find("event: message_stop") != std::string::npos);
}

TEST_CASE("Anthropic's body must name a model, max_tokens and known members only", "[mock]") {
    CHECK(refused(body_with("")) == "not refused");
    CHECK(refused("") == "the body is not JSON");
    CHECK(refused("[]") == "the body must be a JSON object");
    CHECK(refused("{" + std::string{said} + "}") == "model: Field required");
    CHECK(refused(R"({"model":"m",)" + std::string{said} + "}") == "max_tokens: Field required");
    CHECK(refused(body_with(R"(,"max_tokens":0)")).starts_with("max_tokens must be"));
    CHECK(refused(body_with(R"(,"stream":1)")).starts_with("stream must be"));
    for (const std::string name : {"n", "stream_options", "user", "response_format", "type text"}) {
        CHECK(
            refused(body_with(",\"" + name + "\":null")) ==
            name + ": Extra inputs are not permitted"
        );
    }
    CHECK(refused(body_with(R"(,"stop_sequences":"x")")).starts_with("stop_sequences: "));
    CHECK(refused(body_with(R"(,"service_tier":"flex")")).starts_with("service_tier: "));
    CHECK(refused(body_with(R"(,"metadata":{"x":1})")).starts_with("metadata.x: Extra"));
    CHECK(refused(body_with(R"(,"tool_choice":{"type":"required"})")).starts_with("tool_choice: "));
    CHECK(refused(body_with(R"(,"tools":[{"name":"f"}])")).starts_with("tools.0.input_schema: "));
    CHECK(
        refused(body_with(R"(,"tools":[{"name":"f","parameters":{}}])")) ==
        "tools.0.parameters: Extra inputs are not permitted"
    );
    CHECK(refused(body_with(R"(,"output_config":{"effort":"none"})")).starts_with("output_config"));
    CHECK(
        refused(body_with(R"(,"output_config":{"format":{"type":"json_schema"}})")) ==
        "output_config.format.schema: Field required"
    );
    CHECK(
        refused(body_with(R"(,"thinking":{"type":"enabled","budget_tokens":2000})")) ==
        "`max_tokens` must be greater than `thinking.budget_tokens`"
    );
}

TEST_CASE("Anthropic refuses messages that are empty or have no known speaker", "[mock]") {
    CHECK(refused_messages("[]") == "messages: at least one message is required");
    CHECK(refused_messages("3").starts_with("messages: "));
    CHECK(refused_messages(R"([{"role":"tool","content":"a"}])").starts_with("messages.0.role: "));
    CHECK(refused_messages(R"([{"role":"user"}])") == "messages.0.content: Field required");
    CHECK(refused_messages(R"([{"role":"user","content":""}])").starts_with("messages: all "));
    CHECK(
        refused_messages(R"([{"role":"user","content":"a","name":"b"}])") ==
        "messages.0.name: Extra inputs are not permitted"
    );
    CHECK(
        refused_messages(R"([{"role":"user","content":[{"type":"text","text":""}]}])") ==
        "messages.0.content.0: text content blocks must be non-empty"
    );
    CHECK(refused_messages(R"([{"role":"user","content":[{"type":"image_url","image_url":{}}]}])")
              .starts_with("messages.0.content.0: Input tag 'image_url'"));
    CHECK(
        refused_messages(R"([{"role":"user","content":[{"type":"image"}]}])") ==
        "messages.0.content.0.source: Field required"
    );
    CHECK(
        refused_messages(R"([{"role":"user","content":[{"type":"text","text":"a"},
            {"type":"tool_result","tool_use_id":"t"}]}])") ==
        "messages.0.content.1: `tool_result` blocks must come first"
    );
    CHECK(
        refused_messages(R"([{"role":"user","content":"a"},{"role":"assistant","content":""}])") ==
        "not refused"
    );
    CHECK(refused_messages(std::string(1'000'000, '[')) == "the body is not JSON");
}

TEST_CASE("Anthropic's version decides whether the sampling may be told", "[mock]") {
    CHECK(refused(body_with(""), "") == "anthropic-version: header is required");
    CHECK(refused(body_with(""), "latest").starts_with("anthropic-version: "));
    for (const std::string member : {"temperature", "top_p", "top_k"}) {
        const auto body = body_with(",\"" + member + "\":1");
        CHECK(refused(body) == "not refused");
        CHECK(refused(body, "2026-10-20") == "not refused");
        CHECK(refused(body, "2026-10-21").starts_with(member + ": not permitted"));
        CHECK(refused(body, "2027-01-01").starts_with(member + ": not permitted"));
    }
    CHECK(refused(body_with(R"(,"temperature":1.5)")).starts_with("temperature: "));
}

TEST_CASE("tool results of Anthropic's are messages of their own in the prompt", "[mock]") {
    const auto prompt = prompt_of(R"({"model":"m","max_tokens":9,
        "system":[{"type":"text","text":"Be "},{"type":"text","text":"terse."}],"messages":[
        {"role":"user","content":"find"},
        {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t",
            "content":[{"type":"text","text":"a dot"}]},{"type":"text","text":"and?"}]}]})");
    CHECK(prompt == "system: Be terse.\nuser: find\nassistant: \ntool: a dot\nuser: and?\n");
}

TEST_CASE("Anthropic's errors name their type and their request", "[mock]") {
    Server server{{.require_key = true}};
    Client client{server.port()};
    const auto without = client.ask(messages());
    CHECK(without.status == 401);
    const auto error = Json::parse(without.body);
    CHECK(error["type"] == "error");
    CHECK(error["error"] == Json({{"type", "authentication_error"}, {"message", "no key came"}}));
    CHECK(error["request_id"] == without.headers.at("request-id"));
    const auto key = std::string{version} + "x-api-key: k\r\n";
    CHECK(client.ask(messages("", key)).status == 200);
    const auto bearer = std::string{version} + "authorization: Bearer k\r\n";
    CHECK(client.ask(messages("", bearer)).status == 200);
    CHECK(client.ask(messages("", std::string{version} + "x-goog-api-key: k\r\n")).status == 401);

    const auto no_version = client.ask(messages("", "x-api-key: k\r\n"));
    CHECK(no_version.status == 400);
    CHECK(Json::parse(no_version.body)["error"]["type"] == "invalid_request_error");
    const auto nowhere = client.ask(post("/v1/messages/batches", "{}", key));
    CHECK(nowhere.status == 404);
    CHECK(Json::parse(nowhere.body)["error"]["type"] == "not_found_error");
    CHECK(client.ask(get("/v1/messages", key)).status == 405);
}

TEST_CASE("the models are listed in Anthropic's form where its version is told", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto list = Json::parse(client.ask(get("/v1/models", version)).body);
    CHECK(list["data"][0]["type"] == "model");
    CHECK(list["has_more"] == false);
    CHECK(list["first_id"] == "mock");
    CHECK(Json::parse(client.ask(get("/v1/models")).body)["object"] == "list");
}

TEST_CASE("Anthropic's limit is told with the moment of its reset", "[mock]") {
    const skein::TimePoint start{1h};
    Service service{{.rpm = 6, .burst = 2}, "", 10, start};
    const Incoming incoming{
        .method = "POST",
        .path = "/v1/messages",
        .version = "2023-06-01",
        .body = body_with(""),
        .wall = std::chrono::sys_days{std::chrono::January / 31 / 2027} + 24h - 500ms,
    };
    const auto head_at = [&](skein::Duration time) {
        const auto script = service.perform(incoming, start + time).script;
        return script.steps.at(0).bytes.substr(0, script.head);
    };
    const auto first = head_at(0s);
    CHECK(first.find("anthropic-ratelimit-requests-limit: 6\r\n") != std::string::npos);
    CHECK(first.find("anthropic-ratelimit-requests-remaining: 1\r\n") != std::string::npos);
    CHECK(
        first.find("anthropic-ratelimit-requests-reset: 2027-02-01T00:00:10Z\r\n") !=
        std::string::npos
    );
    CHECK(first.find("x-ratelimit") == std::string::npos);
    head_at(0s);
    const auto refusal = head_at(500ms);
    CHECK(refusal.starts_with("HTTP/1.1 429 "));
    CHECK(refusal.find("\r\nretry-after: 10\r\n") != std::string::npos);
    CHECK(refusal.find("-remaining: 0\r\n") != std::string::npos);
}
