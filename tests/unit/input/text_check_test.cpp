#include "input/text_check.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace skein::input;
using namespace std::string_view_literals;

namespace {

std::size_t bad_at(std::string_view line, Lines lines = Lines::text) {
    const auto bad = first_bad_byte(line, lines);
    return bad ? bad->at : std::string::npos;
}

}  // namespace

TEST_CASE("A line of valid UTF-8 with usual control characters has no bad byte.", "[input]") {
    CHECK(bad_at("plain") == std::string::npos);
    CHECK(bad_at("caf\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80\t\x1B[1m\f") == std::string::npos);
    CHECK(bad_at("") == std::string::npos);
    CHECK(bad_at("a\rb", Lines::records) == std::string::npos);
}

TEST_CASE("The first byte that cannot be part of a text is found.", "[input]") {
    CHECK(bad_at("caf\xE9") == 3);
    CHECK(bad_at("a\0b"sv) == 1);
    CHECK(bad_at("ab\x7F") == 2);
    CHECK(bad_at("ab\x1A") == 2);
    CHECK(bad_at("\xC3\xA9\xC3") == 2);  // An incomplete character.
    CHECK(bad_at("\xED\xA0\x80") == 0);  // A surrogate.
    CHECK(bad_at("\xC0\xAF") == 0);      // An overlong encoding.
    CHECK(bad_at("a\xFF\x01") == 1);     // The first of two bad bytes.
    CHECK(bad_at("a\x01\xFF") == 1);
    CHECK(bad_at("a\rb") == 1);
}

TEST_CASE(
    "The message about a bad byte shows the line as windows-1252 and names the setting.", "[input]"
) {
    const auto words = [](std::string_view line) {
        return words_for(first_bad_byte(line).value(), line);
    };
    const auto western = words("Le caf\xE9 ferme");
    CHECK(western.starts_with("the byte 0xE9 is not UTF-8; if `Le caf\xC3\xA9 ferme` is right"));
    CHECK(western.find("input.encoding: windows-1252") != western.npos);
    CHECK(words("\x81\x9F").find("iconv -l") != std::string::npos);
    CHECK(words("a\0"sv).find("utf-16le") != std::string::npos);
    CHECK(words("a\rb").find("tr '\\r' '\\n'") != std::string::npos);
}

TEST_CASE(
    "The first bad byte of a text in pieces has the same position, however the text is cut.",
    "[input]"
) {
    const std::string text = "a\xC3\xA9z\r\n\"\xE6\x97\xA5\n\nx\xF0\x9F\x98\x80 \xE9 b\n";
    const auto found = [&](std::size_t size) {
        TextCheck check;
        std::string_view rest = text;
        while (!rest.empty()) {
            const auto piece = rest.substr(0, std::min(size, rest.find_first_of("\r\n") + 1));
            const auto ends = piece.back() == '\r' || piece.back() == '\n';
            if (const auto bad = check.add(piece, ends)) return bad->place.text();
            rest.remove_prefix(piece.size());
        }
        return std::string{"none"};
    };
    CHECK(found(100) == "4:4");
    for (std::size_t size = 1; size < 10; ++size) REQUIRE(found(size) == "4:4");
}

TEST_CASE("A text that ends within a character has a bad byte there.", "[input]") {
    TextCheck check;
    CHECK(!check.add("ab\xE6\x97", false));
    const auto found = check.end();
    REQUIRE(found);
    CHECK(found->place.text() == "1:3");
}
