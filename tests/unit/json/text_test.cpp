#include "json/text.hpp"

#include "support/catch.hpp"

#include <cstdlib>
#include <limits>

using namespace skein;

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

template <class Number>
std::string number(Number value) {
    std::string out;
    json::append_number(out, value);
    return out;
}

const std::string replacement = "\xEF\xBF\xBD";

}  // namespace

TEST_CASE("A JSON string is written quoted and escaped.", "[base]") {
    CHECK(quoted("") == "\"\"");
    CHECK(quoted("plain text") == "\"plain text\"");
    CHECK(quoted("a \"b\" \\ /") == "\"a \\\"b\\\" \\\\ /\"");
    CHECK(quoted("\n\r\t") == "\"\\n\\r\\t\"");
    CHECK(quoted(std::string("\0\x01\x1F\x7F", 4)) == "\"\\u0000\\u0001\\u001f\\u007f\"");
    CHECK(quoted("</script>") == "\"</script>\"");
}

TEST_CASE("Appending a JSON string keeps the text before it.", "[base]") {
    std::string out = "{\"a\":";
    json::append_string(out, "b");
    json::append_number(out, std::int64_t{1});
    CHECK(out == "{\"a\":\"b\"1");
}

TEST_CASE("A JSON string contains no character that a tool takes for a line end.", "[base]") {
    CHECK(
        quoted("a\xE2\x80\xA8"
               "b\xE2\x80\xA9"
               "c") == "\"a\\u2028b\\u2029c\""
    );
    CHECK(quoted("a\u0085b") == R"("a\u0085b")");
    CHECK(
        quoted("\xE2\x80\xA7\xE2\x80\xAA\u0084\u0086") == "\"\xE2\x80\xA7\xE2\x80\xAA\u0084\u0086\""
    );  // Neighbours of the separators stay.
    CHECK(json::without_line_ends("\"\u2028ä\u0085“”\u2029\"") == R"("\u2028ä\u0085“”\u2029")");
    CHECK(json::without_line_ends("\"\u0085\"") == R"("\u0085")");
    CHECK(json::without_line_ends("\"\u0084\u2027\"") == "\"\u0084\u2027\"");
    CHECK(json::without_line_ends("\xC2") == "\xC2");
}

TEST_CASE("Valid UTF-8 is written unchanged.", "[base]") {
    for (const std::string text :
         {"\xC3\xA9",
          "\xE2\x82\xAC",
          "\xF0\x9F\xA6\xA2",
          "\xC2\x80",
          "\xDF\xBF",
          "\xE0\xA0\x80",
          "\xED\x9F\xBF",
          "\xEE\x80\x80",
          "\xEF\xBF\xBF",
          "\xF0\x90\x80\x80",
          "\xF4\x8F\xBF\xBF"}) {
        CHECK(quoted(text) == '"' + text + '"');
        CHECK(json::valid_utf8(text) == text);
    }
}

TEST_CASE("Every byte that is not UTF-8 becomes one replacement character.", "[base]") {
    const std::pair<std::string, int> bad[] = {
        {"\x80", 1},  // A continuation byte alone.
        {"\xFF", 1},
        {"\xC3", 1},  // A truncated sequence.
        {"\xE2\x82", 2},
        {"\xF0\x9F\xA6", 3},
        {"\xC0\xAF", 2},  // An overlong encoding.
        {"\xC1\xBF", 2},
        {"\xE0\x80\x80", 3},
        {"\xF0\x80\x80\x80", 4},
        {"\xED\xA0\x80", 3},  // A surrogate.
        {"\xED\xBF\xBF", 3},
        {"\xF4\x90\x80\x80", 4},  // Beyond the last code point.
        {"\xF5\x80\x80\x80", 4},
    };
    for (const auto& [text, count] : bad) {
        std::string expected = "a";
        for (int i = 0; i < count; ++i) expected += replacement;
        expected += 'b';
        CHECK(json::valid_utf8("a" + text + "b") == expected);
        CHECK(quoted("a" + text + "b") == '"' + expected + '"');
    }
    CHECK(json::valid_utf8("\xC3(") == replacement + "(");
    CHECK(
        json::valid_utf8("\xE2\x82"
                         "\xC3\xA9") == replacement + replacement + "\xC3\xA9"
    );
}

TEST_CASE("A text cut at any byte still gives valid JSON.", "[base]") {
    const std::string text = "g\xC3\xA4nse \xF0\x9F\xA6\xA2 \xE2\x80\xA8 \"x\"";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto out = quoted(std::string_view{text}.substr(0, cut));
        CHECK(json::valid_utf8(out) == out);
        CHECK(out.find('\n') == out.npos);
    }
}

TEST_CASE(
    "A number is written as the shortest text that reads back as the same number.", "[base]"
) {
    CHECK(number(std::int64_t{0}) == "0");
    CHECK(number(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(number(std::numeric_limits<std::int64_t>::max()) == "9223372036854775807");
    CHECK(number(0.1) == "0.1");
    CHECK(number(-2.5) == "-2.5");
    CHECK(number(1e300) == "1e+300");
    for (const double value : {1.0 / 3, 123456.789, 5e-324, 1.7976931348623157e308}) {
        CHECK(std::strtod(number(value).c_str(), nullptr) == value);
    }
}

TEST_CASE("Infinity and NaN are written as JSON null.", "[base]") {
    CHECK(number(std::numeric_limits<double>::infinity()) == "null");
    CHECK(number(-std::numeric_limits<double>::infinity()) == "null");
    CHECK(number(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("Untrusted text is shown with control and bidirectional characters escaped.", "[base]") {
    CHECK(json::printable("plain, sch\xC3\xB6n, \t tab") == "plain, sch\xC3\xB6n, \t tab");
    CHECK(json::printable("\x1B[2J") == "\\u001b[2J");
    CHECK(json::printable("a\r\nb") == "a\\u000d\\u000ab");
    CHECK(json::printable(std::string("\0", 1)) == "\\u0000");
    CHECK(json::printable("\x7F\xC2\x9B") == "\\u007f\\u009b");
    CHECK(
        json::printable("\xE2\x80\xAE"
                        "evil\xE2\x81\xA9") == "\\u202eevil\\u2069"
    );
    CHECK(json::printable("\xE2\x80\x8F\xD8\x9C\xE2\x80\xA8") == "\\u200f\\u061c\\u2028");
    CHECK(json::printable("\xFF\x9B") == "\\xff\\x9b");
}

TEST_CASE("A long untrusted text is cut between characters.", "[base]") {
    CHECK(json::printable("abcdef", 3) == "abc…");
    CHECK(json::printable("abc", 3) == "abc");
    CHECK(json::printable("\xC3\xA9\xC3\xA9\xC3\xA9", 3) == "\xC3\xA9\xC3\xA9…");
    CHECK(json::printable(std::string(5'000, 'x')).size() == 2'048 + std::string{"…"}.size());
}

TEST_CASE("A character that needs an escape is found at any position.", "[base]") {
    for (const char special : {'"', '\\', '\n', '\x1F', '\x7F', '\0'}) {
        for (std::size_t length = 1; length < 40; ++length) {
            for (std::size_t at = 0; at < length; ++at) {
                std::string text(length, '~');
                text[at] = special;
                const auto once = quoted(text.substr(at, 1));
                const auto expected = '"' + std::string(at, '~') + once.substr(1, once.size() - 2) +
                                      std::string(length - at - 1, '~') + '"';
                REQUIRE(quoted(text) == expected);
                REQUIRE(json::has_control(text) == (special >= 0 && special < 0x20));
            }
        }
    }
}

TEST_CASE("Bytes beyond ASCII are not taken for control characters.", "[base]") {
    CHECK_FALSE(json::has_control("\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA6\xA2\xFF\x80\x7F ~!"));
    CHECK(json::has_control("\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA6\xA2\t"));
}

TEST_CASE(
    "JSON shown on a terminal has control characters escaped, and reads back the same.", "[base]"
) {
    CHECK(json::harmless(R"({"a":"x","b":[1,"ä 🪿"]})") == R"({"a":"x","b":[1,"ä 🪿"]})");
    CHECK(json::harmless("\"\u009b31m\"") == R"("\u009b31m")");
    CHECK(json::harmless("\"a\x7F\"") == R"("a\u007f")");
    CHECK(json::harmless("\"\u202eevil\u2066\"") == R"("\u202eevil\u2066")");
    CHECK(json::harmless(R"("\u001b[2J")") == R"("\u001b[2J")");
    CHECK(json::harmless("").empty());
}
