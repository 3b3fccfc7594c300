#include "client.hpp"
#include "mock_server/gemini/question.hpp"
#include "mock_server/server.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace skein::mock;
using namespace skein::mock::test;
using Json = nlohmann::json;

namespace {

constexpr std::string_view plain_path = "/v1beta/models/m:generateContent";
constexpr std::string_view stream_path = "/v1beta/models/m:streamGenerateContent?alt=sse";
constexpr std::string_view said = R"("contents":[{"parts":[{"text":"echo:one two three"}]}])";

std::string body_with(std::string_view more = "") {
    return "{" + std::string{said} + std::string{more} + "}";
}

std::string refused(const std::string& body, Task task = Task::chat) {
    const auto question = gemini::question_of(task, "m", false, body);
    const auto* none = std::get_if<NoQuestion>(&question);
    return none ? none->why : "not refused";
}

std::string refused_config(const std::string& members) {
    return refused(body_with(R"(,"generationConfig":{)" + members + "}"));
}

Question asked(const std::string& body, Task task = Task::chat) {
    return std::get<Question>(gemini::question_of(task, "m", false, body));
}

std::vector<Json> events_of(std::string body) {
    std::vector<Json> events;
    while (!body.empty()) {
        const auto end = body.find("\r\n\r\n");
        REQUIRE(body.starts_with("data: "));
        events.push_back(Json::parse(body.substr(6, end - 6)));
        body.erase(0, end + 4);
    }
    return events;
}

}  // namespace

TEST_CASE("Gemini answers with candidates and the usage", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(post(plain_path, body_with()));
    CHECK(response.status == 200);
    CHECK(response.headers.at("content-type") == "application/json; charset=UTF-8");
    CHECK_FALSE(response.headers.contains("x-request-id"));
    auto body = Json::parse(response.body);
    CHECK(body["responseId"].get<std::string>().size() == 16);
    body.erase("responseId");
    CHECK(body == Json::parse(R"({"candidates":[{"content":{"parts":[{"text":"one two three"}],
            "role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{
            "promptTokenCount":7,"candidatesTokenCount":3,"totalTokenCount":10,
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":7}]},"modelVersion":"m"})"));
    CHECK(server.sums().completion_tokens == 3);
}

TEST_CASE("Gemini's stream has the usage in every chunk and no mark at its end", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(post(stream_path, body_with()));
    CHECK(response.headers.at("content-type") == "text/event-stream");
    const auto events = events_of(response.body);
    REQUIRE(events.size() == 4);
    CHECK(events[0]["candidates"][0]["content"]["parts"][0]["text"] == "one");
    CHECK(events[2]["candidates"][0]["content"]["parts"][0]["text"] == " three");
    CHECK_FALSE(events[2]["candidates"][0].contains("finishReason"));
    CHECK(events[0]["usageMetadata"]["totalTokenCount"] == 7);
    CHECK_FALSE(events[0]["usageMetadata"].contains("candidatesTokenCount"));
    CHECK(events[3]["candidates"][0]["finishReason"] == "STOP");
    CHECK_FALSE(events[3]["candidates"][0]["content"].contains("parts"));
    CHECK(events[3]["usageMetadata"]["candidatesTokenCount"] == 3);
    CHECK(events[3]["usageMetadata"]["totalTokenCount"] == 10);
}

TEST_CASE("Gemini gives several candidates, each cut where it is told", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto body =
        body_with(R"(,"generation_config":{"candidate_count":2,"maxOutputTokens":2})");
    const auto plain = Json::parse(client.ask(post(plain_path, body)).body);
    REQUIRE(plain["candidates"].size() == 2);
    CHECK(plain["candidates"][1]["content"]["parts"][0]["text"] == "one two");
    CHECK(plain["candidates"][1]["finishReason"] == "MAX_TOKENS");
    CHECK(plain["usageMetadata"]["candidatesTokenCount"] == 4);
    const auto events = events_of(client.ask(post(stream_path, body)).body);
    REQUIRE(events.size() == 6);
    CHECK(events[5]["candidates"][0]["index"] == 1);
    CHECK(events[5]["usageMetadata"] == plain["usageMetadata"]);
}

TEST_CASE("Gemini's paths name a version, a model and a method", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto status = [&](std::string_view path) {
        return client.ask(post(path, body_with())).status;
    };
    CHECK(status("/v1/models/m:generateContent") == 200);
    CHECK(status("/v1alpha/models/m:generateContent") == 200);
    CHECK(status("/v1/projects/p/locations/l/publishers/google/models/m:generateContent") == 200);
    CHECK(status("/v1beta/models/m:streamGenerateContent") == 404);
    CHECK(status("/v1beta/models/m:streamGenerateContent?x=1&alt=sse") == 200);
    CHECK(status("/v1beta/models/m:streamGenerateContent?alt=json") == 404);
    CHECK(status("/v1beta/models/:generateContent") == 404);
    CHECK(status("/v1beta/models/m:think") == 404);
    CHECK(status("/beta/models/m:generateContent") == 404);
    const auto named = client.ask(post("/v1beta/models/a%2fb%3Ac%:generateContent", body_with()));
    CHECK(Json::parse(named.body)["modelVersion"] == "a/b:c%");
    const auto nowhere = Json::parse(client.ask(post("/v1beta/models/m:think", "{}")).body);
    CHECK(nowhere["error"]["status"] == "NOT_FOUND");
    CHECK(client.ask(get(plain_path)).status == 405);
    const auto list = Json::parse(client.ask(get("/v1beta/models")).body);
    CHECK(list["models"][0]["name"] == "models/mock");
    CHECK(Json::parse(client.ask(get("/v1/models", "x-goog-api-key: k\r\n")).body) == list);
}

TEST_CASE("Gemini's key may be required, and its lack is a denied permission", "[mock]") {
    Server server{{.require_key = true}};
    Client client{server.port()};
    const auto without = client.ask(post(plain_path, body_with()));
    CHECK(without.status == 403);
    CHECK(
        Json::parse(without.body)["error"] ==
        Json({{"code", 403}, {"message", "no key came"}, {"status", "PERMISSION_DENIED"}})
    );
    CHECK(client.ask(post(plain_path, body_with(), "x-goog-api-key: k\r\n")).status == 200);
    CHECK(client.ask(post(plain_path, body_with(), "authorization: Bearer k\r\n")).status == 200);
    CHECK(client.ask(post(plain_path, body_with(), "x-api-key: k\r\n")).status == 403);
}

TEST_CASE("Gemini refuses what it does not know, with Google's words", "[mock]") {
    CHECK(refused(body_with()) == "not refused");
    CHECK(refused("{") == "the body is not JSON");
    CHECK(refused("{}").starts_with("* GenerateContentRequest.contents"));
    CHECK(refused(R"({"contents":[]})").starts_with("* GenerateContentRequest.contents"));
    CHECK(
        refused(body_with(R"(,"messages":[])")) ==
        "Invalid JSON payload received. Unknown name \"messages\": Cannot find field."
    );
    CHECK(
        refused_config(R"("max_tokens":1)") ==
        "Invalid JSON payload received. Unknown name \"max_tokens\" at 'generation_config': "
        "Cannot find field."
    );
    CHECK(refused_config(R"("maxOutputTokens":0)").find("maxOutputTokens") != std::string::npos);
    CHECK(refused_config(R"("candidateCount":9)").find("candidateCount") != std::string::npos);
    CHECK(refused_config(R"("temperature":2.5)").find("temperature") != std::string::npos);
    CHECK(refused_config(R"("seed":3000000000)").find("seed") != std::string::npos);
    CHECK(refused_config(R"("stopSequences":"x")").find("stop_sequences") != std::string::npos);
    CHECK(refused_config(R"("top_p":0.5,"topK":3)") == "not refused");
    CHECK(
        refused(R"({"contents":[{"role":"assistant","parts":[{"text":"a"}]}]})") ==
        "Please use a valid role: user, model."
    );
    CHECK(refused(R"({"contents":[{"role":"user","parts":[]}]})").starts_with("* contents.parts"));
    CHECK(refused(R"({"contents":[{"parts":[{}]}]})").starts_with("* contents.parts.data"));
    CHECK(
        refused(R"({"contents":[{"parts":[{"txt":"a"}]}]})").find("\"txt\"") != std::string::npos
    );
    CHECK(
        refused(body_with(R"(,"systemInstruction":"x")")) == "Invalid value at 'system_instruction'"
    );
    CHECK(refused(body_with(R"(,"tools":{})")) == "Invalid value at 'tools'");
}

TEST_CASE("a refused question of Gemini's is an invalid argument", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(post(plain_path, "{}"));
    CHECK(response.status == 400);
    CHECK(Json::parse(response.body)["error"]["code"] == 400);
    CHECK(Json::parse(response.body)["error"]["status"] == "INVALID_ARGUMENT");
}

TEST_CASE("thoughts are no part of Gemini's prompt, results of tools are", "[mock]") {
    const auto question = asked(R"({"system_instruction":{"parts":[{"text":"Be terse."}]},
        "contents":[{"role":"user","parts":[{"text":"find"}]},
        {"role":"model","parts":[{"text":"hm","thought":true},
            {"functionCall":{"name":"f","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"a dot"}}}]},
        {"role":"user","parts":[{"text":"an"},{"text":"d?"}]}]})");
    CHECK(
        question.prompt == "system: Be terse.\nuser: find\nassistant: \ntool: a dot\nuser: and?\n"
    );
    CHECK(question.last_said == "and?");
}

TEST_CASE("Gemini's embeddings are the vectors that OpenAI's are", "[mock]") {
    Server server;
    Client client{server.port()};
    const std::string path = "/v1beta/models/m:batchEmbedContents";
    const auto request = [](const std::string& text, const std::string& more = "") {
        return R"({"model":"models/m","content":{"parts":[{"text":")" + text + "\"}]}" + more + "}";
    };
    const auto several = [](const std::string& requests) {
        return R"({"requests":[)" + requests + "]}";
    };
    const auto response = client.ask(post(path, several(request("a") + "," + request("b"))));
    const auto openai =
        Json::parse(client.ask(post("/v1/embeddings", R"({"model":"m","input":["a","b"]})")).body);
    const auto gemini = Json::parse(response.body);
    REQUIRE(gemini["embeddings"].size() == 2);
    CHECK(gemini.size() == 1);
    CHECK(gemini["embeddings"][0]["values"] == openai["data"][0]["embedding"]);
    CHECK(gemini["embeddings"][1]["values"] == openai["data"][1]["embedding"]);
    const auto entries = server.ledger().entries;
    CHECK(entries.at(0).prompt_hash == entries.at(1).prompt_hash);

    const std::string three = R"(,"outputDimensionality":3,"taskType":"CLUSTERING")";
    const auto small = Json::parse(client.ask(post(path, several(request("a", three)))).body);
    CHECK(small["embeddings"][0]["values"].size() == 3);
    const auto no = [&](const std::string& body) { return refused(body, Task::embedding); };
    CHECK(no("{}").starts_with("* BatchEmbedContentsRequest.requests"));
    CHECK(no(several("")).starts_with("* BatchEmbedContentsRequest.requests"));
    CHECK(no(several(R"({"model":"models/x","content":{}})")).find("model") != std::string::npos);
    CHECK(no(several(request("a", R"(,"input":"b")"))).find("\"input\"") != std::string::npos);
    CHECK(no(several(request("a") + "," + request("b", three))).starts_with("the mock server"));
    std::string many = request("a");
    for (int i = 0; i < 100; ++i) many += "," + request("a");
    CHECK(no(several(many)).find("at most 100") != std::string::npos);
}
