#include "json/json.hpp"

#include "json/members.hpp"
#include "support/catch.hpp"

using namespace skein;
using namespace std::string_literals;

namespace {

std::string mend(std::string_view text) {
    std::string storage;
    return std::string{json::mended(text, storage)};
}

using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(std::string_view text) {
    Members members;
    json::for_each_member(text, [&](std::string_view key, std::string_view value) {
        members.emplace_back(key, value);
    });
    return members;
}

}  // namespace

TEST_CASE("The JSON parser accepts nesting up to the allowed depth and no deeper.", "[dialect]") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + '1' + std::string(depth, ']');
    };
    CHECK_FALSE(json::parse(nested(64), 64).error());
    CHECK(json::parse(nested(65), 64).error() == simdjson::DEPTH_ERROR);
    CHECK(json::parse(nested(100'000), 64).error() == simdjson::DEPTH_ERROR);
    CHECK(json::parse(std::string(100'000, '['), 64).error());
    CHECK_FALSE(json::parse(nested(3), 3).error());
    CHECK(json::parse(nested(4), 3).error() == simdjson::DEPTH_ERROR);
    CHECK_FALSE(json::parse(nested(64), 64).error());
}

TEST_CASE(
    "The JSON parser refuses everything but exactly one value, without an exception.", "[dialect]"
) {
    for (const std::string text :
         {"",
          " ",
          "{",
          "{}{}",
          "{} x",
          "nul",
          "{\"a\":}",
          "[1,]",
          "{'a':1}",
          "\"\x01\"",
          "\"\\ud800\"",
          "1e999",
          "123456789012345678901234567890",
          "\xFF",
          "[\"\xC3\"]"}) {
        INFO(text);
        CHECK(json::parse(text).error());
    }
    CHECK_FALSE(json::parse("18446744073709551615").error());
}

TEST_CASE("The JSON parser reads small texts after a large one.", "[dialect]") {
    const auto large = "[\"" + std::string(3'000'000, 'x') + "\"]";
    CHECK_FALSE(json::parse(large).error());
    CHECK_FALSE(json::parse("[1]").error());
    CHECK_FALSE(json::parse(large).error());
}

TEST_CASE("Repairing JSON replaces invalid UTF-8, and does not copy valid text.", "[dialect]") {
    struct Row {
        std::string given;
        std::string expected;
    };
    for (const auto& [given, expected] : std::vector<Row>{
             {R"("plain")", R"("plain")"},
             {"\"\xFF\"", "\"\uFFFD\""},
             {"\"caf\xC3\"", "\"caf\uFFFD\""},
             {"\xEF\xBB\xBF{}", "{}"},
             {R"("\ud800")", R"("\ufffd")"},
             {R"("\udc00")", R"("\ufffd")"},
             {R"("\uD83D\uDE00")", R"("\uD83D\uDE00")"},
             {R"("\ude00\ud83d")", R"("\ufffd\ufffd")"},
             {R"("\ude00\ude01")", R"("\ufffd\ufffd")"},
             {R"("\ud83d\ud83d\ude00")", R"("\ufffd\ud83d\ude00")"},
             {R"("\\ud800")", R"("\\ud800")"},
             {R"("\\\ud800")", R"("\\\ufffd")"},
             {R"("\ud8)", R"("\ud8)"},
             {R"("\)", R"("\)"},
             {"\"\xFF\\ud800\"", "\"\uFFFD\\ufffd\""},
         }) {
        INFO(given);
        CHECK(mend(given) == expected);
    }
    const std::string fine = R"({"a":"ä \u00e4 \ud83d\ude00"})";
    std::string storage;
    CHECK(json::mended(fine, storage).data() == fine.data());
}

TEST_CASE("JSON is written on one line, with Unicode line separators escaped.", "[dialect]") {
    CHECK(json::one_line("{ \"a\" :\r\n [ 1 , \"x y\" ]\t}\n") == R"({"a":[1,"x y"]})");
    CHECK(json::one_line("{\"a\" : [1, \"x y\"]}") == R"({"a" : [1, "x y"]})");
    CHECK(json::one_line("{\"a\" : 1}\n") == R"({"a":1})");
    CHECK(json::compact("{\"a\" : [1, \"x y\"]}") == R"({"a":[1,"x y"]})");
    CHECK(json::one_line("\"a\u2028b\u2029\u0085\"") == R"("a\u2028b\u2029\u0085")");
    CHECK(json::one_line("\"\u2027\u202A\"") == "\"\u2027\u202A\"");
    std::string many = "\"";
    for (int i = 0; i < 200'000; ++i) many += "\u2028";
    CHECK(json::one_line(many + '"').size() == 6 * 200'000 + 2);
}

TEST_CASE("Looking up a JSON member of the wrong type gives nothing.", "[dialect]") {
    json::Element root;
    REQUIRE_FALSE(json::parse(R"({"s":"x","n":1,"l":[],"z":null,"s":"second"})").get(root));
    CHECK(json::text_member(root, "s") == "x");
    CHECK_FALSE(json::text_member(root, "n"));
    CHECK(json::whole_member(root, "n") == 1);
    CHECK_FALSE(json::whole_member(root, "s"));
    CHECK(json::list_member(root, "l"));
    CHECK_FALSE(json::list_member(root, "n"));
    CHECK_FALSE(json::member(root, "z"));
    CHECK_FALSE(json::member(root, "missing"));
    REQUIRE_FALSE(json::parse("[1]").get(root));
    CHECK_FALSE(json::member(root, "s"));
}

TEST_CASE("Iterating over JSON members gives keys and values as written.", "[dialect]") {
    CHECK(members_of("{}").empty());
    CHECK(members_of(" { } ").empty());
    CHECK(members_of(R"({"a":1})") == Members{{"a", "1"}});
    CHECK(
        members_of("\n{ \"a\" : -1.5e3 , "
                   "\"b\":{\"c\":[1,{\"d\":\"}\"}]},\"e\":\"x\\\"]},\\\\\",\"f\":null }") ==
        Members{
            {"a", "-1.5e3"},
            {"b", R"({"c":[1,{"d":"}"}]})"},
            {"e", R"("x\"]},\\")"},
            {"f", "null"},
        }
    );
    CHECK(
        members_of(R"({"m\u006fdel":true,"":[],"a":1,"a":2})") ==
        Members{{"m\\u006fdel", "true"}, {"", "[]"}, {"a", "1"}, {"a", "2"}}
    );
}

TEST_CASE("Iterating over members is memory-safe for text that is no JSON object.", "[dialect]") {
    for (const std::string_view text :
         {"",
          "{",
          "{\"",
          "{\"a",
          "{\"a\"",
          "{\"a\":",
          "{\"a\":[",
          "{\"a\":\"\\",
          "]",
          "{\"a\":1,"}) {
        const std::string exact{text};  // So that a sanitizer sees a read past its end.
        members_of(exact);
    }
}

TEST_CASE("A JSON string ends at the first quote that is not escaped.", "[dialect]") {
    for (std::size_t before = 0; before < 20; ++before) {
        for (std::size_t backslashes = 0; backslashes < 9; ++backslashes) {
            const auto inside = std::string(before, 'x') + std::string(backslashes, '\\');
            const auto text = '"' + inside + "\"y\"z";
            const bool escaped = backslashes % 2 == 1;
            const auto expected = inside.size() + 2 + (escaped ? 2 : 0);
            INFO(text);
            CHECK(json::end_of_string(text, 0) == expected);
        }
    }
    CHECK(json::end_of_string("\"never closed", 0) == 13);
    CHECK(json::end_of_string("\"", 0) == 1);
    CHECK(json::end_of_string("\"\\\"", 0) == 3);
}
