#include "client.hpp"
#include "mock_server/server.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace skein::mock;
using namespace skein::mock::test;
using Json = nlohmann::json;

namespace {

constexpr std::string_view version = "anthropic-version: 2023-06-01\r\n";

// One short question, to Anthropic and to Gemini.
std::string anthropic_asks(bool stream) {
    const std::string body =
        R"({"model":"m","max_tokens":64,"messages":[{"role":"user","content":"echo:one two"}])";
    return post("/v1/messages", body + (stream ? R"(,"stream":true})" : "}"), version);
}

std::string gemini_asks(bool stream) {
    return post(
        stream ? "/v1beta/models/m:streamGenerateContent?alt=sse"
               : "/v1beta/models/m:generateContent",
        R"({"contents":[{"role":"user","parts":[{"text":"echo:one two"}]}]})"
    );
}

Response asked(Rule rule, const std::string& request) {
    Server server{Weather{.faults = {std::move(rule)}}};
    return Client{server.port()}.ask(request);
}

Json last_data(const Response& response) {
    return Json::parse(response.body.substr(response.body.rfind("data: ") + 6));
}

}  // namespace

TEST_CASE("the same conversation has the same answer in all three APIs", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto openai =
        Json::parse(client
                        .ask(post(
                            "/v1/chat/completions",
                            R"({"model":"m","messages":[{"role":"system","content":"Be terse."},
                {"role":"user","content":"What is it?"},{"role":"assistant","content":"A dot."},
                {"role":"user","content":[{"type":"text","text":"Sure?"}]}]})"
                        ))
                        .body);
    const auto anthropic =
        Json::parse(client
                        .ask(post(
                            "/v1/messages",
                            R"({"model":"m","max_tokens":64,"system":"Be terse.","messages":[
                {"role":"user","content":"What is it?"},{"role":"assistant","content":"A dot."},
                {"role":"user","content":[{"type":"text","text":"Sure?"}]}]})",
                            version
                        ))
                        .body);
    const auto gemini =
        Json::parse(client
                        .ask(post(
                            "/v1beta/models/m:generateContent",
                            R"({"systemInstruction":{"parts":[{"text":"Be terse."}]},"contents":[
                {"role":"user","parts":[{"text":"What is it?"}]},
                {"role":"model","parts":[{"text":"A dot."}]},
                {"role":"user","parts":[{"text":"Sure?"}]}]})"
                        ))
                        .body);
    const std::string text = openai["choices"][0]["message"]["content"];
    CHECK(text.ends_with('.'));
    CHECK(anthropic["content"][0]["text"] == text);
    CHECK(gemini["candidates"][0]["content"]["parts"][0]["text"] == text);
    CHECK(anthropic["usage"]["input_tokens"] == openai["usage"]["prompt_tokens"]);
    CHECK(anthropic["usage"]["output_tokens"] == openai["usage"]["completion_tokens"]);
    CHECK(gemini["usageMetadata"]["totalTokenCount"] == openai["usage"]["total_tokens"]);

    const auto entries = server.ledger().entries;
    REQUIRE(entries.size() == 3);
    CHECK(entries[1].prompt_hash == entries[0].prompt_hash);
    CHECK(entries[2].prompt_hash == entries[0].prompt_hash);
    CHECK(entries[0].api == Api::openai);
    CHECK(entries[1].api == Api::anthropic);
    CHECK(entries[2].api == Api::gemini);
    const auto lines = client.ask(get("/ledger/requests")).body;
    CHECK(lines.find(R"("path":"/v1/messages","api":"anthropic",)") != std::string::npos);
}

TEST_CASE("a status of the weather has the error body of the API that asked", "[mock]") {
    const Rule overload{.status = 529};
    const auto anthropic = asked(overload, anthropic_asks(true));
    CHECK(anthropic.status == 529);
    CHECK(Json::parse(anthropic.body)["error"]["type"] == "overloaded_error");
    CHECK_FALSE(anthropic.headers.contains("retry-after"));
    const auto gemini = asked({.status = 503}, gemini_asks(false));
    CHECK(gemini.status == 503);
    CHECK(Json::parse(gemini.body)["error"]["status"] == "UNAVAILABLE");
    CHECK(asked({.status = 500, .body = "{}"}, gemini_asks(false)).body == "{}");
}

TEST_CASE("a 429 asks for a pause, at Anthropic in the head and at Gemini in the body", "[mock]") {
    const auto delay = [](const Response& response) {
        return Json::parse(response.body)["error"]["details"][1]["retryDelay"];
    };
    const Rule usual{.status = 429};
    const Rule told{.status = 429, .headers = {{"Retry-After", "7"}}};
    CHECK(asked(usual, anthropic_asks(false)).headers.at("retry-after") == "1");
    const auto anthropic = asked(told, anthropic_asks(false));
    CHECK(anthropic.headers.at("retry-after") == "7");
    CHECK(anthropic.head.find("retry-after") == std::string::npos);  // Once, as the rule writes it.
    const auto gemini = asked(usual, gemini_asks(false));
    CHECK(delay(gemini) == "1s");
    CHECK_FALSE(gemini.headers.contains("retry-after"));
    CHECK(delay(asked(told, gemini_asks(false))) == "7s");
    CHECK(asked(told, gemini_asks(false)).headers.at("retry-after") == "7");

    Server server{{.rpm = 1, .burst = 1}};
    Client client{server.port()};
    CHECK(client.ask(gemini_asks(false)).status == 200);
    const auto limited = client.ask(gemini_asks(false));
    CHECK(limited.status == 429);
    CHECK(limited.head.find("ratelimit") == std::string::npos);
    const auto seconds = std::stod(delay(limited).get<std::string>());
    CHECK(seconds > 50);
    CHECK(seconds < 61);
}

TEST_CASE("an error within a stream is an event as the API has it", "[mock]") {
    const Rule rule{.fault = Mishap::error_in_stream, .after_tokens = 1};
    const auto anthropic = asked(rule, anthropic_asks(true));
    CHECK(anthropic.whole);
    CHECK(anthropic.body.find("\"one\"") != std::string::npos);
    CHECK(anthropic.body.find("\n\nevent: error\ndata: {\"type\":\"error\"") != std::string::npos);
    CHECK(last_data(anthropic)["error"]["type"] == "api_error");
    const auto gemini = asked(rule, gemini_asks(true));
    CHECK(gemini.body.ends_with("\r\n\r\n"));
    CHECK(last_data(gemini)["error"]["status"] == "INTERNAL");
}

TEST_CASE("a stream that is cut ends without its reason in every API", "[mock]") {
    const Rule cut{.fault = Mishap::cut_stream, .after_tokens = 2};
    const auto anthropic = asked(cut, anthropic_asks(true));
    CHECK(anthropic.whole);
    CHECK(last_data(anthropic)["delta"]["text"] == " two");
    const auto gemini = asked(cut, gemini_asks(true));
    CHECK(gemini.whole);
    CHECK(gemini.body.find("finishReason") == std::string::npos);
    CHECK(last_data(gemini)["candidates"][0]["content"]["parts"][0]["text"] == " two");

    const Rule done{.fault = Mishap::done_without_finish};
    const auto stopped = asked(done, anthropic_asks(true)).body;
    CHECK(stopped.find("message_delta") == std::string::npos);
    CHECK(stopped.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
    CHECK(asked(done, gemini_asks(true)).body == gemini.body);
}

TEST_CASE("what is no answer is none in every API, and has an honest length", "[mock]") {
    for (const auto fault :
         {Mishap::bad_json, Mishap::deep_json, Mishap::bad_utf8, Mishap::html, Mishap::empty}) {
        for (const bool stream : {false, true}) {
            for (const auto& request : {anthropic_asks(stream), gemini_asks(stream)}) {
                CAPTURE(name_of(fault), request);
                const auto response = asked({.fault = fault}, request);
                CHECK(response.status == 200);
                CHECK(response.whole);
                CHECK(response.body.find("choices") == std::string::npos);
                CHECK(response.body.find("[DONE]") == std::string::npos);
                if (!stream && fault != Mishap::deep_json) CHECK_FALSE(Json::accept(response.body));
            }
        }
    }
    const auto broken = asked({.fault = Mishap::bad_utf8}, anthropic_asks(true)).body;
    CHECK(broken.find("\"text\":\"\xC3\x28\xFF\"") != std::string::npos);
    CHECK(broken.find("event: message_start") != std::string::npos);
    CHECK(broken.find("\"stop_reason\":\"end_turn\"") != std::string::npos);
}

TEST_CASE("a huge answer is valid in every API", "[mock]") {
    const Rule huge{.fault = Mishap::huge, .bytes = 300'000};
    const auto anthropic = asked(huge, anthropic_asks(false)).body;
    CHECK(anthropic.size() == 300'000);
    CHECK(Json::parse(anthropic)["content"][0]["text"].get<std::string>().size() > 290'000);
    const auto gemini = Json::parse(asked(huge, gemini_asks(false)).body);
    CHECK(gemini["candidates"][0]["content"]["parts"][0].contains("text"));
}

TEST_CASE("a body that is too large is refused in the form of its API", "[mock]") {
    Server server;
    Client client{server.port()};
    client.send("POST /v1/messages HTTP/1.1\r\ncontent-length: 300000000\r\n\r\n");
    const auto response = client.read();
    CHECK(response.status == 413);
    CHECK(Json::parse(response.body)["error"]["type"] == "request_too_large");
}
