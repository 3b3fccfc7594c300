#include "dialect/openai/address.hpp"

#include "dialect/openai/request_writer.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace skein;
using Lines = std::vector<std::string>;

TEST_CASE("A base URL without a path gets /v1, and any other is used unchanged.", "[dialect]") {
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
             {"http://127.0.0.1/llm", "http://127.0.0.1/llm/chat/completions"},
             {"http://127.0.0.1/openai/v1", "http://127.0.0.1/openai/v1/chat/completions"},
             {"http://127.0.0.1/v1beta/openai", "http://127.0.0.1/v1beta/openai/chat/completions"},
             {"http://127.0.0.1/paas/v4", "http://127.0.0.1/paas/v4/chat/completions"},
             {"http://v1", "http://v1/v1/chat/completions"},
             {"http://[::1]:80", "http://[::1]:80/v1/chat/completions"},
             {"https://h/d/x?api-version=1", "https://h/d/x/chat/completions?api-version=1"},
             {"https://h/d/x/?a=1&b=/c", "https://h/d/x/chat/completions?a=1&b=/c"},
             {"https://h?a=1", "https://h/v1/chat/completions?a=1"},
         }) {
        INFO(row.url);
        const auto address = address_for({.url = row.url}, "/v1/chat/completions");
        CHECK(address.url == row.expected);
        CHECK(address.socket.empty());
    }
}

TEST_CASE("A path outside of /v1 is appended to the base URL unchanged.", "[dialect]") {
    CHECK(address_for({.url = "https://h/x"}, "/v4/chat").url == "https://h/x/v4/chat");
}

TEST_CASE("A unix socket is split from the address, with or without a path.", "[dialect]") {
    struct Row {
        std::string url;
        std::string expected;
    };
    for (const auto& row : std::vector<Row>{
             {"unix:/run/llm.sock", "http://localhost/v1/embeddings"},
             {"unix:/run/llm.sock:/v1", "http://localhost/v1/embeddings"},
             {"unix:/run/llm.sock:/api?a=1", "http://localhost/api/embeddings?a=1"},
             {"unix:///run/llm.sock", "http://localhost/v1/embeddings"},
         }) {
        INFO(row.url);
        const auto address = address_for({.url = row.url}, "/v1/embeddings");
        CHECK(address.url == row.expected);
        CHECK(address.socket == "/run/llm.sock");
    }
}

TEST_CASE("An exact URL is used as the whole address.", "[dialect]") {
    for (const std::string url :
         {"https://h/chat/completions?api-version=1", "https://h/", "https://h", "https://h/a//"}) {
        CHECK(address_for({.url = url, .exact_url = true}, "/v1/chat/completions").url == url);
    }
    const auto address =
        address_for({.url = "unix:/s:/generate", .exact_url = true}, "/v1/completions");
    CHECK(address.url == "http://localhost/generate");
    CHECK(address.socket == "/s");
}

TEST_CASE("A request for another operation does not fit an exact URL.", "[dialect]") {
    const Endpoint exact{.url = "https://h/x/chat/completions?a=1", .exact_url = true};
    CHECK_FALSE(misfit(exact, "/v1/chat/completions"));
    CHECK(misfit(exact, "/v1/completions"));
    CHECK(misfit(exact, "/v1/embeddings"));
    CHECK_FALSE(misfit({.url = "https://h/v1/completions", .exact_url = true}, "/v1/completions"));
    CHECK_FALSE(misfit({.url = "https://h/generate", .exact_url = true}, "/v1/embeddings"));
    CHECK_FALSE(misfit({.url = "https://h/v1"}, "/v1/embeddings"));
}

TEST_CASE(
    "A URL is shown without the values of its query, because they may be keys.", "[dialect]"
) {
    CHECK(shown_url("https://h/v1") == "https://h/v1");
    CHECK(shown_url("https://h/v1?key=CANARY") == "https://h/v1?key=…");
    CHECK(
        shown_url("https://h/v1?api-version=2024-10-21&code=CANARY==&x") ==
        "https://h/v1?api-version=2024-10-21&code=…&x"
    );
}

TEST_CASE("The advice for an address without an answer names its missing part.", "[dialect]") {
    const auto advice = [](std::string url, bool exact = false) {
        return address_advice({.url = std::move(url), .exact_url = exact});
    };
    CHECK(
        advice("http://h/inference/?code=CANARY") ==
        "many servers have this API below /v1: http://h/inference/v1?code=…"
    );
    CHECK(advice("http://h").find("/v1 is added") != std::string::npos);
    CHECK(advice("http://h/v1").find("url: is for an exact address") != std::string::npos);
    CHECK(advice("http://h/x", true).find("nothing is added") != std::string::npos);
}

TEST_CASE("The header lines carry the key, and the user's headers replace ours.", "[dialect]") {
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

TEST_CASE("An endpoint without a key has no Authorization header.", "[dialect]") {
    for (const auto& line : header_lines_for({})) CHECK_FALSE(line.starts_with("Authorization"));
}

TEST_CASE("A header with a line break is not sent.", "[dialect]") {
    const auto lines = header_lines_for({
        .api_key = Secret{"CANARY\r\nX-Evil: 1"},
        .headers = {{"X-A", "1\nX-B: 2"}, {"X-\rC", "1"}, {"X-D", std::string{"a\0b", 3}}},
    });
    CHECK(lines.size() == 2);
}

TEST_CASE(
    "The body names the endpoint's model, or else the request's, or else none.", "[dialect]"
) {
    for (const std::string usual : {"", "asked", "own", "own \"x\""}) {
        const auto body = [&](const Endpoint& endpoint, std::string_view own, bool is_empty = false
                          ) {
            Request request{.body = is_empty ? "{}" : R"({"messages":[]})"};
            request.model = own;
            const auto prepared = *prepare(request, usual);
            auto text = body_for(endpoint, prepared);
            // The prepared body is sent only if it equals the body for the endpoint.
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

TEST_CASE("An added member can be left out of a body without other changes.", "[dialect]") {
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

TEST_CASE("The prepared body is sent unchanged if its model is the usual one.", "[dialect]") {
    const auto prepared = *prepare({.prompt = "p"}, "m");
    CHECK(is_ready_for({.model = "m"}, prepared));
    CHECK_FALSE(is_ready_for({.model = "n"}, prepared));
    CHECK_FALSE(is_ready_for({}, prepared));
    CHECK(is_ready_for({}, *prepare({.prompt = "p"})));
    CHECK(is_ready_for({}, *prepare({.prompt = "p", .model = "own"})));
    CHECK_FALSE(is_ready_for({.model = "m"}, *prepare({.prompt = "p", .model = "own"})));
    CHECK_FALSE(is_ready_for({.model = "a\\\""}, *prepare({.prompt = "p", .model = "a\""})));
}

TEST_CASE("The usual model is the model that all endpoints ask for.", "[dialect]") {
    CHECK(usual_model({}).empty());
    CHECK(usual_model({{.model = "a"}}) == "a");
    CHECK(usual_model({{.model = "a"}, {.model = "a"}}) == "a");
    CHECK(usual_model({{.model = "a"}, {.model = "b"}}).empty());
    CHECK(usual_model({{.model = "a"}, {}}).empty());
}
