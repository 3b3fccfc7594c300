#include "dialect/address.hpp"

#include "dialect/prepare.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace skein;
using Lines = std::vector<std::string>;

TEST_CASE("the address and the path are joined without doubling the version", "[dialect]") {
    struct Row {
        std::string url;
        std::string expected;
    };
    for (const auto& row : std::vector<Row>{
             {"http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/chat/completions"},
             {"http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1/chat/completions"},
             {"http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/chat/completions"},
             {"http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/chat/completions"},
             {"http://127.0.0.1:8080//", "http://127.0.0.1:8080/v1/chat/completions"},
             {"http://127.0.0.1/llm", "http://127.0.0.1/llm/v1/chat/completions"},
             {"http://127.0.0.1/openai/v1", "http://127.0.0.1/openai/v1/chat/completions"},
             {"http://127.0.0.1/v1beta/openai", "http://127.0.0.1/v1beta/openai/chat/completions"},
             {"http://127.0.0.1/paas/v4", "http://127.0.0.1/paas/v4/chat/completions"},
             {"http://127.0.0.1/vision", "http://127.0.0.1/vision/v1/chat/completions"},
             {"http://v1", "http://v1/v1/chat/completions"},
             {"http://[::1]:80", "http://[::1]:80/v1/chat/completions"},
         }) {
        INFO(row.url);
        CHECK(url_for({.url = row.url}, "/v1/chat/completions") == row.expected);
    }
}

TEST_CASE("the header lines carry the key, and the user's own replace ours", "[dialect]") {
    CHECK(
        header_lines_for({.api_key = Secret{"CANARY-key"}, .headers = {{"X-Team", "geese"}}}) ==
        Lines{
            "Content-Type: application/json",
            "User-Agent: skein/0.1.0",
            "Authorization: Bearer CANARY-key",
            "X-Team: geese",
        }
    );
    const auto lines = header_lines_for({
        .api_key = Secret{"CANARY-key"},
        .headers = {{"authorization", "Basic x"}, {"USER-AGENT", "mine"}},
    });
    CHECK(std::ranges::count(lines, "authorization: Basic x") == 1);
    CHECK(std::ranges::count(lines, "USER-AGENT: mine") == 1);
    CHECK(lines.size() == 3);
}

TEST_CASE("without a key there is no line for one", "[dialect]") {
    for (const auto& line : header_lines_for({})) CHECK_FALSE(line.starts_with("Authorization"));
}

TEST_CASE("a header that would be two is not sent", "[dialect]") {
    const auto lines = header_lines_for({
        .api_key = Secret{"CANARY\r\nX-Evil: 1"},
        .headers = {{"X-A", "1\nX-B: 2"}, {"X-\rC", "1"}, {"X-D", std::string{"a\0b", 3}}},
    });
    CHECK(lines.size() == 2);
}

TEST_CASE("the endpoint's model counts, then the request's, then none", "[dialect]") {
    for (const std::string usual : {"", "asked", "own", "own \"x\""}) {
        const auto body = [&](const Endpoint& endpoint, std::string_view own, bool is_empty = false
                          ) {
            Request request{.body = is_empty ? "{}" : R"({"messages":[]})"};
            request.model = own;
            const auto prepared = *prepare(request, usual);
            auto text = body_for(endpoint, prepared);
            // What was prepared is sent only where it is the same.
            CHECK((!is_ready_for(endpoint, prepared) || text == prepared.body));
            return text;
        };
        INFO("usual: " << usual);
        CHECK(body({}, "") == R"({"messages":[]})");
        CHECK(body({}, "asked") == R"({"model":"asked","messages":[]})");
        CHECK(body({.model = "own"}, "asked") == R"({"model":"own","messages":[]})");
        CHECK(body({.model = "owns"}, "asked") == R"({"model":"owns","messages":[]})");
        CHECK(body({.model = "own \"x\""}, "") == R"({"model":"own \"x\"","messages":[]})");
        CHECK(body({}, "asked", true) == R"({"model":"asked"})");
        CHECK(body({}, "", true) == "{}");
    }
}

TEST_CASE("a member of ours can be left out of a body, and all else stays", "[dialect]") {
    const auto prepared = *prepare({.body = R"({"x":[1],"stream":true})"}, "m");
    const std::string with =
        R"({"model":"m","x":[1],"stream":true,"stream_options":{"include_usage":true}})";
    CHECK(body_for({.model = "m"}, prepared) == with);
    CHECK(
        body_for({.model = "m"}, prepared, adds_stream_options) ==
        R"({"model":"m","x":[1],"stream":true})"
    );
    CHECK(
        body_for({.model = "n"}, prepared, adds_stream_options) ==
        R"({"model":"n","x":[1],"stream":true})"
    );
    const auto own =
        *prepare({.body = R"({"stream":true,"stream_options":{"include_usage":true}})"});
    CHECK(body_for({}, own, adds_stream_options) == own.body);
}

TEST_CASE("a body is not made anew where the model is the usual one", "[dialect]") {
    const auto prepared = *prepare({.prompt = "p"}, "m");
    CHECK(is_ready_for({.model = "m"}, prepared));
    CHECK_FALSE(is_ready_for({.model = "n"}, prepared));
    CHECK_FALSE(is_ready_for({}, prepared));
    CHECK(is_ready_for({}, *prepare({.prompt = "p"})));
    CHECK(is_ready_for({}, *prepare({.prompt = "p", .model = "own"})));
    CHECK_FALSE(is_ready_for({.model = "m"}, *prepare({.prompt = "p", .model = "own"})));
    CHECK_FALSE(is_ready_for({.model = "a\\\""}, *prepare({.prompt = "p", .model = "a\""})));
}

TEST_CASE("the usual model is the one that all ask for", "[dialect]") {
    CHECK(usual_model({}).empty());
    CHECK(usual_model({{.model = "a"}}) == "a");
    CHECK(usual_model({{.model = "a"}, {.model = "a"}}) == "a");
    CHECK(usual_model({{.model = "a"}, {.model = "b"}}).empty());
    CHECK(usual_model({{.model = "a"}, {}}).empty());
}
