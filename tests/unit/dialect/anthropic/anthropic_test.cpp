#include "unit/dialect/anthropic/chat.hpp"

#include <algorithm>

using namespace skein;
using namespace skein::test;

namespace {

using Lines = std::vector<std::string>;

Lines header_lines_for(const Endpoint& endpoint) {
    HeaderLines lines{endpoint};
    anthropic.sign(lines, endpoint);
    auto all = lines.take();
    return {all.begin() + 2, all.end()};  // Without those that every API gets.
}

}  // namespace

TEST_CASE("Anthropic gets the key in a header of its own, beside the version.", "[dialect]") {
    CHECK(
        header_lines_for({.api_key = Secret{"CANARY-key"}}) ==
        Lines{"x-api-key: CANARY-key", "anthropic-version: 2023-06-01"}
    );
}

TEST_CASE("Anthropic gets the key as a bearer's where the endpoint says so.", "[dialect]") {
    CHECK(
        header_lines_for({.api_key = Secret{"CANARY-key"}, .auth = Auth::bearer}) ==
        Lines{"Authorization: Bearer CANARY-key", "anthropic-version: 2023-06-01"}
    );
}

TEST_CASE("Anthropic gets a version without a key, and the version of the endpoint.", "[dialect]") {
    for (const auto auth : {Auth::usual, Auth::bearer}) {
        CHECK(
            header_lines_for({.auth = auth, .api_version = "2026-10-21"}) ==
            Lines{"anthropic-version: 2026-10-21"}
        );
    }
}

TEST_CASE("A chat goes to the path of Anthropic's messages, whatever its own path.", "[dialect]") {
    std::string made;
    CHECK(anthropic.path({}, chat(with("")), made) == "/v1/messages");
    CHECK(anthropic.path({}, chat(with(R"("stream":true)")), made) == "/v1/messages");
}

TEST_CASE("Anthropic can only be asked for chats.", "[dialect]") {
    const std::string wanted = "anthropic can only be asked for chats";
    const auto prompt = chat(R"({"model":"m","prompt":"hi"})", "/v1/completions");
    const auto input = chat(R"({"model":"m","input":"hi"})", "/v1/embeddings");
    const auto other = chat(R"({"model":"m"})", "/v1/rerank");
    CHECK(anthropic.refusal({}, prompt) == wanted);
    CHECK(anthropic.refusal({}, input) == wanted);
    CHECK(anthropic.refusal({}, other) == wanted);
    CHECK_FALSE(anthropic.refusal({}, chat(with(""))));
}
