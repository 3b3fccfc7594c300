#include "unit/dialect/raw/maps.hpp"

using namespace skein;
using namespace skein::test;

namespace {

const std::string chat =
    R"("messages":[{"role":"system","content":"Be \"terse\"."},{"role":"user","content":"Why?"}])";

}  // namespace

TEST_CASE("A chat becomes a prompt by the template of the map.", "[raw]") {
    CHECK(
        mapped_body(
            mapped(tgi_map), '{' + chat + R"(,"temperature":0.50,"max_tokens":9,"stop":"\n"})"
        ) ==
        R"({"parameters":{"details":true,"temperature":0.50,"max_new_tokens":9,"stop":["\n"]},)"
        R"("inputs":"system: Be \"terse\".\nuser: Why?\n"})"
    );
}

TEST_CASE("Without a template the texts of a chat are joined by blank lines.", "[raw]") {
    const auto endpoint = mapped(R"({"request":{"prompt":"/a/b"},"answer":{"text":"/t"}})");
    CHECK(mapped_body(endpoint, '{' + chat + '}') == R"({"a":{"b":"Be \"terse\".\n\nWhy?"}})");
    const std::string parts =
        R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]})";
    CHECK(mapped_body(endpoint, parts) == R"({"a":{"b":"ab"}})");
}

TEST_CASE("Messages go to their place byte for byte, and the model beside them.", "[raw]") {
    const std::string odd = R"("messages": [ {"role":"user","content":[{"type":"odd","x":1e2}]} ])";
    CHECK(
        mapped_body(mapped(ollama_map, "small"), '{' + odd + R"(,"seed":7,"stream":true})") ==
        R"({"stream":true,"options":{"num_ctx":8192,"seed":7},"model":"small",)"
        R"("messages":[ {"role":"user","content":[{"type":"odd","x":1e2}]} ]})"
    );
    CHECK(
        mapped_body(mapped(ollama_map), R"({"model":"of the row",)" + chat + '}') ==
        R"({"stream":false,"options":{"num_ctx":8192},"model":"of the row",)" + chat + '}'
    );
}

TEST_CASE("The limit of tokens of a request counts before that of the endpoint.", "[raw]") {
    auto endpoint =
        mapped(R"({"request":{"messages":"/m","max_tokens":"/n"},"answer":{"text":"/t"}})");
    endpoint.max_tokens = 50;
    CHECK(mapped_body(endpoint, R"({"messages":[]})") == R"({"n":50,"m":[]})");
    CHECK(
        mapped_body(endpoint, R"({"messages":[],"max_completion_tokens":6})") == R"({"n":6,"m":[]})"
    );
}

TEST_CASE("What the map does not name is refused by its name, unless it is dropped.", "[raw]") {
    auto endpoint = mapped(tgi_map);
    const auto with = [&](const std::string& more) {
        return mapped_body(endpoint, '{' + chat + ',' + more + '}');
    };
    CHECK(
        with(R"("logprobs":true)") ==
        "raw cannot be asked for `logprobs`; name its place in raw.request, or list it in drop"
    );
    CHECK(with(R"("n":2)").starts_with("raw cannot be asked for `n`"));
    CHECK(with(R"("tools":[])").starts_with("raw cannot be asked for `tools`"));
    CHECK(
        with(R"("model":"m")") ==
        "raw cannot be asked for a `model` of the request; name its place in raw.request, or set "
        "the endpoint's model"
    );
    // They say nothing.
    CHECK(with(R"("n":1,"logprobs":null,"stream":false)").starts_with('{'));
    endpoint.drop = {"logprobs"};
    CHECK(with(R"("logprobs":true)").starts_with('{'));
}

TEST_CASE("What is no text cannot be put into a prompt.", "[raw]") {
    const auto ask = [](const std::string& message) {
        return mapped_body(mapped(tgi_map), R"({"messages":[)" + message + "]}");
    };
    CHECK(
        ask(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y"}}]})"
        ) == "messages[0] holds more than text, which raw cannot put into a prompt"
    );
    CHECK(
        ask(R"({"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f"}}]})") ==
        "messages[0] is of a call of a tool, which raw cannot put into a prompt"
    );
    CHECK(ask(R"({"role":"robot","content":"x"})").starts_with("messages[0].role is `robot`"));
}

TEST_CASE("A map without a stream cannot be asked for one, and none for embeddings.", "[raw]") {
    const auto endpoint = mapped(R"({"request":{"messages":"/m"},"answer":{"text":"/t"}})");
    CHECK(
        mapped_body(endpoint, R"({"messages":[],"stream":true})") ==
        "raw cannot be asked for a stream: the endpoint's map has no `stream`"
    );
    CHECK(mapped_body(endpoint, "{}") == "raw needs messages");
    for (const std::string path : {"/v1/embeddings", "/v1/completions", "/v1/rerank"}) {
        const auto request = *prepare({.body = R"({"input":"a","prompt":"a"})", .path = path});
        CHECK(raw.refusal(endpoint, request) == "raw can only be asked for chats");
    }
}

TEST_CASE("The key goes where auth says, in each API that has a usual place for it.", "[dialect]") {
    const auto lines_of = [](const Endpoint& endpoint) {
        HeaderLines lines{endpoint};
        raw.sign(lines, endpoint);
        auto all = lines.take();
        all.erase(all.begin(), all.begin() + 2);  // The two that every API gets.
        return all;
    };
    using Lines = std::vector<std::string>;
    const Secret key{"CANARY-key"};
    CHECK(lines_of({.api_key = key}) == Lines{"Authorization: Bearer CANARY-key"});
    CHECK(lines_of({.api_key = key, .auth = Auth::none}).empty());
    CHECK(
        lines_of({.api_key = key, .auth = Auth::header, .auth_header = "X-Own"}) ==
        Lines{"X-Own: CANARY-key"}
    );
    CHECK(lines_of({.auth = Auth::header, .auth_header = "X-Own"}).empty());
}
