#include "dialect/openai/openai.hpp"

#include "support/catch.hpp"

#include <algorithm>

using namespace skein;

namespace {

using Lines = std::vector<std::string>;

Lines header_lines_for(const Endpoint& endpoint) {
    HeaderLines lines{endpoint};
    openai.sign(lines, endpoint);
    return lines.take();
}

}  // namespace

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
