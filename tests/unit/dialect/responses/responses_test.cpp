#include "dialect/dialects.hpp"
#include "unit/dialect/responses/ask.hpp"

using namespace skein;
using namespace skein::responses_test;

TEST_CASE("Responses gets the key as a bearer's.", "[dialect]") {
    const Endpoint endpoint{.api_key = Secret{"CANARY-key"}};
    HeaderLines lines{endpoint};
    responses.sign(lines, endpoint);
    const auto all = lines.take();
    CHECK(all.back() == "Authorization: Bearer CANARY-key");
    CHECK(all.size() == 3);  // With those that every API gets.
}

TEST_CASE("A chat goes to the path of Responses, streamed or not.", "[dialect]") {
    std::string made;
    CHECK(responses.path({}, ask(with("")), made) == "/v1/responses");
    CHECK(responses.path({}, ask(with(R"("stream":true)")), made) == "/v1/responses");
    for (const auto* url : {"https://h", "https://h/v1"}) {
        Endpoint endpoint = responses_endpoint;
        endpoint.url = url;
        CHECK(shown_address(endpoint, ask(with(""))) == "https://h/v1/responses");
    }
}

TEST_CASE("Responses can only be asked for chats, and for its own rows.", "[dialect]") {
    const std::string wanted = "responses can only be asked for chats";
    CHECK(responses.refusal({}, ask(R"({"prompt":"hi"})", "/v1/completions")) == wanted);
    CHECK(responses.refusal({}, ask(R"({"input":"hi"})", "/v1/embeddings")) == wanted);
    CHECK(responses.refusal({}, ask(R"({"query":"hi"})", "/v1/rerank")) == wanted);
    CHECK_FALSE(responses.refusal({}, ask(with(""))));
    CHECK_FALSE(responses.refusal({}, ask(R"({"input":"hi"})", "/v1/responses")));
}

TEST_CASE("A row of Responses' own goes and comes back as it stands.", "[dialect]") {
    const Endpoint endpoint{.api = Api::responses, .model = "m"};
    const auto row = ask(R"({"model":"x","store":true,"input":"hi"})", "/v1/responses");
    CHECK(body_at(endpoint, row) == R"({"model":"m","store":true,"input":"hi"})");
    const std::string answer =
        R"({"object":"response","status":"completed","model":"m","error":null,"output":[],"usage":{"input_tokens":1,"output_tokens":2}})";
    for (const auto api : {Api::responses, Api::openai}) {
        const Endpoint asked{.api = api, .model = "m"};
        const auto completion = completion_of(read_answer(row, {}, answer, {}, asked));
        CHECK(completion.body == answer);
        CHECK(completion.usage == Usage{1, 2});
    }
}
