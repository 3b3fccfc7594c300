#include "client.hpp"
#include "mock_server/server.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace skein::mock;
using namespace skein::mock::test;
using Json = nlohmann::json;

namespace {

constexpr std::string_view version = "anthropic-version: 2023-06-01\r\n";
constexpr std::string_view plain_path = "/v1beta/models/m:generateContent";
constexpr std::string_view stream_path = "/v1beta/models/m:streamGenerateContent?alt=sse";

std::string openai(const std::string& more) {
    return post(
        "/v1/chat/completions",
        R"({"model":"m","messages":[{"role":"user","content":"echo:{\"q\":\"a dot\"}"}])" + more +
            "}"
    );
}

std::string anthropic(const std::string& more) {
    return post(
        "/v1/messages",
        R"({"model":"m","max_tokens":64,"messages":[{"role":"user",)"
        R"("content":"echo:{\"q\":\"a dot\"}"}])" +
            more + "}",
        version
    );
}

std::string gemini(std::string_view path, const std::string& more) {
    return post(
        path,
        R"({"contents":[{"role":"user","parts":[{"text":"echo:{\"q\":\"a dot\"}"}]}])" + more + "}"
    );
}

const std::string openai_tools = R"(,"tools":[{"type":"function","function":{"name":"first"}},)"
                                 R"({"type":"function","function":{"name":"find"}}])";
const std::string anthropic_tools =
    R"(,"tools":[{"name":"first","input_schema":{}},{"name":"find","input_schema":{}}])";
const std::string gemini_tools =
    R"(,"tools":[{"functionDeclarations":[{"name":"first"},{"name":"find"}]}])";

std::vector<Json> events_of(std::string_view body) {
    std::vector<Json> events;
    for (auto at = body.find("data: {"); at != body.npos; at = body.find("data: {", at + 1)) {
        events.push_back(Json::parse(body.substr(at + 6, body.find_first_of("\r\n", at) - at - 6)));
    }
    return events;
}

Json asked(Client& client, const std::string& request) {
    const auto response = client.ask(request);
    INFO(response.body);
    REQUIRE(response.status == 200);
    return Json::parse(response.body);
}

std::string refusal(Client& client, const std::string& request) {
    const auto response = client.ask(request);
    CHECK(response.status == 400);
    return Json::parse(response.body)["error"]["message"];
}

Response in_weather(Mishap fault, const std::string& request) {
    Server server{Weather{.faults = {{.fault = fault, .after_tokens = 1}}}};
    return Client{server.port()}.ask(request);
}

}  // namespace

TEST_CASE("a function that must be called is called with what was to be echoed", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto one =
        asked(client, openai(openai_tools + R"(,"tool_choice":"required")"))["choices"][0];
    CHECK(one["finish_reason"] == "tool_calls");
    CHECK(one["message"]["content"].is_null());
    const auto& call = one["message"]["tool_calls"][0];
    CHECK(call["function"] == Json::parse(R"({"name":"first","arguments":"{\"q\":\"a dot\"}"})"));

    const auto two = asked(
        client, anthropic(anthropic_tools + R"(,"tool_choice":{"type":"tool","name":"find"})")
    );
    CHECK(two["stop_reason"] == "tool_use");
    REQUIRE(two["content"].size() == 1);
    CHECK(two["content"][0]["name"] == "find");
    CHECK(two["content"][0]["input"] == Json::parse(R"({"q":"a dot"})"));

    const auto three = asked(
        client,
        gemini(
            plain_path,
            gemini_tools + R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY",)"
                           R"("allowedFunctionNames":["find"]}})"
        )
    );
    CHECK(three["candidates"][0]["finishReason"] == "STOP");
    const auto& part = three["candidates"][0]["content"]["parts"][0]["functionCall"];
    CHECK(part["name"] == "find");
    CHECK(part["args"] == Json::parse(R"({"q":"a dot"})"));
    CHECK(two["usage"]["output_tokens"] == three["usageMetadata"]["candidatesTokenCount"]);
}

TEST_CASE("a streamed call comes in pieces, and whole in Gemini", "[mock]") {
    Server server;
    Client client{server.port()};
    std::string arguments;
    for (const auto& event : events_of(
             client.ask(openai(openai_tools + R"(,"tool_choice":"required","stream":true)")).body
         )) {
        const auto& delta = event["choices"][0]["delta"];
        if (delta.contains("tool_calls"))
            arguments += delta["tool_calls"][0]["function"]["arguments"].get<std::string>();
    }
    CHECK(arguments == R"({"q":"a dot"})");

    std::string input;
    for (const auto& event : events_of(
             client
                 .ask(anthropic(anthropic_tools + R"(,"tool_choice":{"type":"any"},"stream":true)"))
                 .body
         )) {
        if (event["type"] == "content_block_start") CHECK(event["content_block"]["input"].empty());
        if (event["type"] == "content_block_delta")
            input += event["delta"]["partial_json"].get<std::string>();
    }
    CHECK(input == arguments);

    const auto chunks =
        events_of(client
                      .ask(gemini(
                          stream_path,
                          gemini_tools + R"(,"toolConfig":)"
                                         R"({"functionCallingConfig":{"mode":"ANY"}})"
                      ))
                      .body);
    REQUIRE(chunks.size() == 2);
    const auto& call = chunks[0]["candidates"][0]["content"]["parts"][0]["functionCall"];
    CHECK(call["args"] == Json::parse(arguments));
    CHECK(chunks[1]["candidates"][0]["finishReason"] == "STOP");
}

TEST_CASE("tools that need not be called are not called", "[mock]") {
    Server server;
    Client client{server.port()};
    for (const auto* choice : {"", R"(,"tool_choice":"auto")", R"(,"tool_choice":"none")"}) {
        const auto answer = asked(client, openai(openai_tools + choice));
        CHECK(answer["choices"][0]["message"]["content"] == R"({"q":"a dot"})");
    }
    CHECK(asked(client, anthropic(anthropic_tools))["content"][0]["type"] == "text");
    const auto answer = asked(client, gemini(plain_path, gemini_tools));
    CHECK(answer["candidates"][0]["content"]["parts"][0].contains("text"));
}

TEST_CASE("a choice without its tool is refused", "[mock]") {
    Server server;
    Client client{server.port()};
    CHECK(
        refusal(client, openai(R"(,"tool_choice":"required")")) ==
        "tool_choice may only be said with tools"
    );
    CHECK(
        refusal(client, anthropic(R"(,"tool_choice":{"type":"any"})")) ==
        "tool_choice may only be specified with tools"
    );
    CHECK(
        refusal(
            client, anthropic(anthropic_tools + R"(,"tool_choice":{"type":"tool","name":"other"})")
        ) == "tool_choice: tool 'other' not found in tools"
    );
    CHECK(
        refusal(
            client, gemini(plain_path, R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}})")
        ) == "Function calling config is set without function_declarations"
    );
}

TEST_CASE("an answer that may think thinks first, and counts it", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto message = asked(client, anthropic(R"(,"thinking":{"type":"adaptive"})"));
    REQUIRE(message["content"].size() == 2);
    const std::string thoughts = message["content"][0]["thinking"];
    CHECK(thoughts.ends_with('.'));
    const int thought = message["usage"]["output_tokens_details"]["thinking_tokens"];
    CHECK(thought >= 5);
    CHECK(message["usage"]["output_tokens"] == thought + 2);

    std::string streamed;
    const auto events =
        events_of(client.ask(anthropic(R"(,"thinking":{"type":"adaptive"},"stream":true)")).body);
    for (const auto& event : events) {
        if (event["type"] != "content_block_delta") continue;
        if (event["delta"].contains("thinking")) streamed += event["delta"]["thinking"];
        CHECK(event["index"] == (event["delta"].contains("text") ? 1 : 0));
    }
    CHECK(streamed == thoughts);

    const std::string config = R"(,"generationConfig":{"thinkingConfig":{"includeThoughts":true}})";
    const auto answer = asked(client, gemini(plain_path, config));
    const auto& parts = answer["candidates"][0]["content"]["parts"];
    REQUIRE(parts.size() == 2);
    CHECK(parts[0] == Json{{"text", thoughts}, {"thought", true}});
    CHECK(answer["usageMetadata"]["thoughtsTokenCount"] == thought);
    CHECK(answer["usageMetadata"]["candidatesTokenCount"] == 2);
    CHECK(
        events_of(client.ask(gemini(stream_path, config)).body
        )[0]["candidates"][0]["content"]["parts"] == Json::array({parts[0]})
    );
}

TEST_CASE("tokens are counted without an answer", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto count = asked(
        client,
        post(
            "/v1/messages/count_tokens",
            R"({"model":"m","messages":[{"role":"user","content":"echo:one"}]})",
            version
        )
    );
    CHECK(count == Json{{"input_tokens", 4}});
    CHECK(
        refusal(
            client,
            post(
                "/v1/messages/count_tokens",
                R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}]})",
                version
            )
        ) == "max_tokens: Extra inputs are not permitted"
    );

    const std::string contents = R"("contents":[{"parts":[{"text":"echo:one"}]}])";
    const auto path = "/v1beta/models/m:countTokens";
    CHECK(asked(client, post(path, "{" + contents + "}"))["totalTokens"] == 4);
    CHECK(
        asked(
            client,
            post(path, R"({"generateContentRequest":{"model":"models/m",)" + contents + "}}")
        )["totalTokens"] == 4
    );
    CHECK(refusal(client, post(path, R"({"generateContentRequest":{"model":"models/n"}})"))
              .ends_with("must be that of the path"));
    CHECK(server.sums().prompt_tokens == 0);
}

TEST_CASE("a wrong key is refused in the words of each API", "[mock]") {
    Server server{Weather{.key = "the-right-one"}};
    Client client{server.port()};
    const auto ask = [&](std::string_view path, std::string_view key) {
        return client.ask(post(path, "{}", std::string{version} + std::string{key} + "\r\n"));
    };
    CHECK(ask("/v1/chat/completions", "authorization: Bearer another").status == 401);
    CHECK(ask("/v1/messages", "x-api-key: another").status == 401);
    const auto google = ask(plain_path, "x-goog-api-key: another");
    CHECK(google.status == 400);
    CHECK(Json::parse(google.body)["error"]["details"][0]["reason"] == "API_KEY_INVALID");
    const auto right = ask(plain_path, "x-goog-api-key: the-right-one");
    CHECK(right.body.find("API_KEY_INVALID") == right.body.npos);
    CHECK(ask("/v1/chat/completions", "authorization: Bearer the-right-one").status == 400);
}

TEST_CASE("Gemini's weather has blocked prompts, and errors without a field", "[mock]") {
    for (const auto path : {plain_path, stream_path}) {
        const auto blocked = in_weather(Mishap::blocked_prompt, gemini(path, ""));
        CHECK(blocked.status == 200);
        CHECK(blocked.body.find("\"blockReason\":\"SAFETY\"") != blocked.body.npos);
        CHECK(blocked.body.find("candidates") == blocked.body.npos);
    }
    CHECK(in_weather(Mishap::blocked_prompt, openai("")).status == 400);
    CHECK(in_weather(Mishap::blocked_prompt, anthropic("")).status == 400);

    const auto bare = in_weather(Mishap::bare_error_in_stream, gemini(stream_path, ""));
    const auto at = bare.body.find("\r\n\r\n{\n");
    REQUIRE(at != bare.body.npos);
    CHECK(Json::parse(bare.body.substr(at))["error"]["status"] == "INTERNAL");
    const auto usual = in_weather(Mishap::bare_error_in_stream, anthropic(R"(,"stream":true)"));
    CHECK(usual.body.find("event: error\ndata: ") != usual.body.npos);
}

TEST_CASE("thinking may use up every token", "[mock]") {
    const auto one = Json::parse(in_weather(Mishap::no_text, openai("")).body)["choices"][0];
    CHECK(one["message"]["content"] == "");
    CHECK(one["finish_reason"] == "length");
    const auto two = Json::parse(in_weather(Mishap::no_text, anthropic("")).body);
    CHECK(two["content"].empty());
    CHECK(two["stop_reason"] == "max_tokens");
    const auto forced = gemini_tools + R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}})";
    for (const auto& more : {std::string{}, forced}) {
        const auto three = Json::parse(in_weather(Mishap::no_text, gemini(plain_path, more)).body
        )["candidates"][0];
        CHECK_FALSE(three["content"].contains("parts"));
        CHECK(three["finishReason"] == "MAX_TOKENS");
    }
}
