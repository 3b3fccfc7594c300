#include "config/yaml_text.hpp"

#include "support/catch.hpp"

#include <ctime>

using namespace skein::config;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string refusal(const std::string& text) {
    const auto tree = read_yaml(text, "f");
    return tree ? std::string{} : tree.error().text();
}

std::string repeated(const std::string& part, std::size_t bytes) {
    std::string text;
    text.reserve(bytes + part.size());
    while (text.size() < bytes) text += part;
    return text;
}

}  // namespace

TEST_CASE("A job file becomes a plain tree with the place of every node.", "[config]") {
    const auto tree = read_yaml("a: 1\nb:\n  - x\n  - \"q\"\nc: {k: null, e: }\n", "f");
    REQUIRE(tree.has_value());
    REQUIRE(tree->children.size() == 3);
    const auto* a = tree->find("a");
    REQUIRE(a);
    CHECK(a->is_scalar());
    CHECK(a->text == "1");
    CHECK_FALSE(a->quoted);
    CHECK(a->key_at.text() == "f:1:1");
    CHECK(a->at.text() == "f:1:4");
    const auto* b = tree->find("b");
    REQUIRE(b->children.size() == 2);
    CHECK(b->is_list());
    CHECK(b->children[0].at.text() == "f:3:5");
    CHECK(b->children[1].quoted);
    CHECK(b->children[1].at.text() == "f:4:5");
    CHECK(tree->find("c")->find("k")->is_null());
    CHECK(tree->find("c")->find("e")->is_null());
    CHECK_FALSE(tree->find("d"));
}

TEST_CASE("Columns of places are counted in characters.", "[config]") {
    const auto tree = read_yaml("{gr\xC3\xBC\xC3\x9F: \xE2\x82\xAC, x: 1}", "f");
    REQUIRE(tree.has_value());
    CHECK(tree->find("x")->key_at.text() == "f:1:11");
}

TEST_CASE("A job file may have a byte order mark and Windows line ends.", "[config]") {
    const auto tree = read_yaml(
        "\xEF\xBB\xBF"
        "a: 1\r\nb: 2\r\n",
        "f"
    );
    REQUIRE(tree.has_value());
    CHECK(tree->find("a")->text == "1");
    CHECK(tree->find("b")->at.text() == "f:2:4");
}

TEST_CASE("Block texts in YAML keep their lines, tabs included.", "[config]") {
    const auto tree = read_yaml("a: |\n  one\n  \ttwo\nb: >-\n  three\n  four\n", "f");
    REQUIRE(tree.has_value());
    CHECK(tree->find("a")->text == "one\n\ttwo\n");
    CHECK(tree->find("a")->quoted);
    CHECK(tree->find("b")->text == "three four");
}

TEST_CASE("YAML features that a job file does not allow are refused at their place.", "[config]") {
    CHECK_THAT(refusal("a: &x 1\nb: 2\n"), StartsWith("f:1:4: anchors"));
    CHECK_THAT(refusal("a: &x {b: 1}\n"), StartsWith("f:1:4: anchors"));
    CHECK_THAT(refusal("&x a: 1\n"), StartsWith("f:1:1: anchors"));
    CHECK_THAT(refusal("a: &x\n"), StartsWith("f:1:4: ") && Contains("anchors"));
    CHECK_THAT(refusal("a: &x [*x]\n"), StartsWith("f:1:4: anchors"));
    CHECK_THAT(refusal("a: *x\n"), StartsWith("f:1:4: "));
    CHECK_THAT(refusal("a: 1\n<<: {b: 2}\n"), StartsWith("f:2:1: merge keys"));
    CHECK_THAT(refusal("a: !!int 1\n"), StartsWith("f:1:4: tags"));
    CHECK_THAT(refusal("a: ! 1\n"), StartsWith("f:1:4: tags"));
    CHECK_THAT(refusal("a: !!map {}\n"), StartsWith("f:1:4: tags"));
    CHECK_THAT(refusal("a: !x [1]\n"), StartsWith("f:1:4: tags"));
    CHECK_THAT(refusal("? [a]\n: 1\n"), StartsWith("f:1:3: a key must be a text, not a list"));
    CHECK_THAT(refusal("~: 1\n"), StartsWith("f:1:1: a key must be a text, not nothing"));
    CHECK_THAT(
        refusal("a: {{ question }}\n"),
        StartsWith("f:1:5: a key must be a text") && Contains("quotes")
    );
    CHECK(refusal("'<<': 1\n").empty());
}

TEST_CASE("A duplicate YAML key is refused with both places.", "[config]") {
    CHECK(
        refusal("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n") ==
        "f:5:3: the key 'c' stands here twice, first at f:3:3"
    );
    CHECK_THAT(refusal("a: 1\n'a': 2\n"), StartsWith("f:2:1: the key 'a' stands here twice"));
    CHECK_THAT(refusal("{a: 1, a: 1}"), StartsWith("f:1:8: "));
    CHECK(refusal("a: {x: 1}\nb: {x: 1}\n").empty());
}

TEST_CASE("A job file is exactly one YAML document, and a mapping.", "[config]") {
    CHECK_THAT(refusal("a: 1\n---\nb: 2\n"), StartsWith("f:2:1: a second document"));
    CHECK_THAT(refusal("a: 1\n...\nb: 2\n"), StartsWith("f:3:1: "));
    CHECK(refusal("---\na: 1\n").empty());
    CHECK(refusal("%YAML 1.2\n---\na: 1\n...\n").empty());
    CHECK_THAT(refusal(""), StartsWith("f:1:1: there is nothing in it"));
    CHECK_THAT(refusal("\xEF\xBB\xBF"), StartsWith("f:1:1: there is nothing in it"));
    CHECK_THAT(refusal("# only a comment\n"), StartsWith("f:1:1: there is nothing in it"));
    CHECK_THAT(refusal("---\n"), Contains("there is nothing in it"));
    CHECK_THAT(
        refusal("- a\n- b\n"),
        StartsWith("f:1:1: a job file is a mapping") && Contains("not a list")
    );
    CHECK_THAT(refusal("hello\n"), Contains("not hello"));
    CHECK_THAT(refusal(" a: 1\nb: 2\n"), StartsWith("f:2:1: ") && Contains("indentation"));
}

TEST_CASE("A tab in the indentation of YAML is reported as a tab.", "[config]") {
    const auto tab = Contains("a tab where spaces are wanted");
    CHECK_THAT(refusal("a:\n\tb: 1\n"), StartsWith("f:2:2: ") && tab);
    CHECK_THAT(refusal("a:\n\t- 1\n"), StartsWith("f:2:2: ") && tab);
    CHECK_THAT(refusal("\ta: 1\n"), StartsWith("f:1:2: ") && tab);
    CHECK_THAT(refusal("a:\n  \tb\n"), StartsWith("f:2:4: ") && tab);
    CHECK_THAT(refusal("a: {\n\tb: 1}\n"), StartsWith("f:2:2: ") && tab);
    CHECK_THAT(refusal("a: |\n\tx\n"), StartsWith("f:2:1: ") && tab);
    CHECK(refusal("a:\tb\n").empty());
    CHECK(refusal("a: b\t# a comment\n").empty());
}

TEST_CASE("Invalid YAML is refused at the place of the error.", "[config]") {
    CHECK_THAT(refusal("a: b: c\n"), StartsWith("f:1:5: not valid YAML") && Contains("colon"));
    CHECK_THAT(refusal("a: @x\n"), StartsWith("f:1:4: not valid YAML") && Contains("quotes"));
    CHECK_THAT(refusal("a: [1, 2\n"), Contains("not valid YAML: end of sequence flow not found"));
    CHECK_THAT(refusal("a: \"\\q\"\n"), StartsWith("f:1:") && Contains("not valid YAML"));
    CHECK_THAT(refusal("a: {b: ${HOME}}\n"), Contains("a value with { or } in it want quotes"));
    CHECK_THAT(refusal("a: 1\n  b: 2\n"), StartsWith("f:2:4: not valid YAML"));
    CHECK_THAT(refusal("a: \"\\é\"\n"), Contains("unknown escape character: \\xc3"));
    CHECK_THAT(refusal("a: \"\\"), Contains("unknown escape character: \\u0004"));
}

TEST_CASE("A quote that is never closed is an error at its opening.", "[config]") {
    for (const auto* text :
         {"a: 'open\nb: 2\n", "a: \"open\nb: 2\n", "a: 'it''s\n", "a: \"x\\\"\n"}) {
        CAPTURE(text);
        CHECK_THAT(refusal(text), StartsWith("f:1:4: "));
    }
    CHECK_THAT(refusal("a: 'open\n"), Contains("the quote that opens here is never closed"));
    CHECK(refusal("a: 'it''s'\nb: \"x\\\"\\\\\"\nc: ''\nd: \"\"").empty());
}

TEST_CASE("Bytes that are no text are refused before the YAML parser runs.", "[config]") {
    CHECK_THAT(
        refusal(std::string("a: 1\nb: \0\n", 10)), StartsWith("f:2:4: a control character (byte 0)")
    );
    CHECK_THAT(refusal("a: 1\n\x04 b: 2\n"), StartsWith("f:2:1: a control character (byte 4)"));
    CHECK_THAT(refusal("a: \x1B[2J\n"), StartsWith("f:1:4: a control character (byte 27)"));
    CHECK_THAT(refusal("a: 1\nb: caf\xE9\n"), StartsWith("f:2:7: this byte is not UTF-8"));
    CHECK_THAT(
        refusal("\xFF\xFE"
                "a\0"),
        StartsWith("f:1:1: this byte is not UTF-8")
    );
    CHECK_THAT(refusal("a: \xC3"), StartsWith("f:1:4: this byte is not UTF-8"));
}

TEST_CASE("YAML nested deeper than 32 levels is refused.", "[config]") {
    const auto nested = [](std::size_t levels) {
        return "a: " + std::string(levels - 1, '[') + std::string(levels - 1, ']');
    };
    CHECK(refusal(nested(32)).empty());
    CHECK_THAT(refusal(nested(33)), Contains("more than 32 levels of nesting"));
    CHECK_THAT(refusal(nested(10'000)), Contains("more than 32 levels of nesting"));
    CHECK_THAT(refusal("a: " + std::string(10'000, '[')), Contains("is a bracket not closed"));
    CHECK_THAT(refusal(repeated("- ", 20'000)), Contains("more than 32 levels"));
    CHECK_THAT(
        refusal(std::string(10'000, '{')), Contains("more than 32 levels") || Contains("a key must")
    );
}

TEST_CASE("YAML with too many bytes or too many values is refused.", "[config]") {
    CHECK_THAT(refusal(std::string(50'000'000, 'a')), StartsWith("f: larger than 1 MB"));
    CHECK(refusal("a: " + std::string(900'000, 'x')).empty());
    CHECK_THAT(refusal("a: [" + repeated("1,", 100'000) + "]"), Contains("more than 20000 values"));
    CHECK_THAT(refusal(repeated("- a\n", 100'000)), Contains("more than 20000 values"));
}

TEST_CASE("An alias bomb in YAML is refused at once.", "[config]") {
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'k'; ++c) {
        bomb += std::string{c} + ": &" + c + " [";
        for (int i = 0; i < 9; ++i) bomb += std::string{"*"} + static_cast<char>(c - 1) + ",";
        bomb += "]\n";
    }
    CHECK_THAT(refusal(bomb), StartsWith("f:1:4: anchors"));
}

TEST_CASE("Hostile YAML of any kind is parsed or refused in well under a second.", "[config]") {
    for (const char* part :
         {"[",
          "{",
          "- ",
          "? ",
          "a: ",
          "a:\n ",
          "[a,",
          "{a: ",
          "{a,",
          "!",
          "!a ",
          "&a ",
          "*a ",
          "\"",
          "'",
          "a ",
          "a\n",
          "[]",
          "- a\n",
          "a: b\n",
          ": ",
          "-\n",
          "|\n",
          ">\n",
          "#",
          "%a\n",
          "---\n",
          "...\n",
          "\t",
          "\n",
          " ",
          ",",
          "]",
          "a: [\n",
          "!<",
          "- - a\n",
          "\r",
          "x: [              ",
          "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, "}) {
        CAPTURE(part);
        for (const auto& text : {repeated(part, 300'000), "[" + repeated(part, 300'000) + "]"}) {
            // Of the processor, because other processes may keep this one waiting.
            const auto begin = std::clock();
            const auto tree = read_yaml(text, "f");
            const auto took = std::clock() - begin;
            CHECK(tree.has_error());
            CHECK(took < 2 * CLOCKS_PER_SEC);
        }
    }
}

TEST_CASE(
    "An override value needs no quotes unless it begins like a YAML collection.", "[config]"
) {
    for (const auto* text :
         {"-", "mock:", "a: b", "8", "*x", "&x", "!x", "# x", "@x", "https://h/v1"}) {
        CAPTURE(text);
        const auto value = read_value(text, "--set a");
        REQUIRE(value.has_value());
        CHECK(value->is_scalar());
        CHECK(value->text == text);
        CHECK_FALSE(value->quoted);
        CHECK(value->at.text() == "--set a");
    }
    CHECK(read_value("", "o")->is_null());
    CHECK(read_value("null", "o")->is_null());
    CHECK(read_value("\"8\"", "o")->quoted);
    CHECK(read_value("{a: 1, b: [2]}", "o")->find("b")->is_list());
    CHECK(read_value("[1, 2]", "o")->children.size() == 2);
    CHECK_THAT(read_value("{a: *x}", "--set a").error().text(), StartsWith("--set a: "));
    CHECK_THAT(read_value("[1", "--set a").error().text(), Contains("is a bracket not closed"));
    CHECK_THAT(
        read_value("\xFF", "--set a").error().text(), StartsWith("--set a: this byte is not UTF-8")
    );
}
