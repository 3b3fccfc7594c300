#include "dialect/request/address.hpp"

#include "support/catch.hpp"

using namespace skein;

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
