#include "dialect/address.hpp"

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
            "Accept: */*",
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
    CHECK(lines.size() == 4);
}

TEST_CASE("without a key there is no line for one", "[dialect]") {
    for (const auto& line : header_lines_for({})) CHECK_FALSE(line.starts_with("Authorization"));
}

TEST_CASE("a header that would be two is not sent", "[dialect]") {
    const auto lines = header_lines_for({
        .api_key = Secret{"CANARY\r\nX-Evil: 1"},
        .headers = {{"X-A", "1\nX-B: 2"}, {"X-\rC", "1"}, {"X-D", std::string{"a\0b", 3}}},
    });
    CHECK(lines.size() == 3);
}

TEST_CASE("the endpoint's model counts, then the request's, then none", "[dialect]") {
    Prepared prepared;
    prepared.members = R"("messages":[])";
    CHECK(body_for({}, prepared) == R"({"messages":[]})");
    prepared.model = "asked";
    CHECK(body_for({}, prepared) == R"({"model":"asked","messages":[]})");
    CHECK(body_for({.model = "own \"x\""}, prepared) == R"({"model":"own \"x\"","messages":[]})");
    prepared.members.clear();
    CHECK(body_for({}, prepared) == R"({"model":"asked"})");
    prepared.model.clear();
    CHECK(body_for({}, prepared) == "{}");
}
