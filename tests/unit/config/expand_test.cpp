#include "config/expand.hpp"

#include "config/yaml_text.hpp"
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

using namespace skein::config;
using Catch::Matchers::Contains;
using skein::test::Variable;

namespace {

std::string expanded(std::string_view text) {
    std::string out;
    const auto wrong = expand(text, out);
    return wrong ? "wrong: " + *wrong : out;
}

}  // namespace

TEST_CASE("A variable ${NAME} is replaced, anywhere in a value.", "[config]") {
    const Variable host{"SKEIN_TEST_HOST", "llm.example.com"};
    const Variable empty{"SKEIN_TEST_EMPTY", ""};
    CHECK(expanded("${SKEIN_TEST_HOST}") == "llm.example.com");
    CHECK(expanded("https://${SKEIN_TEST_HOST}/v1") == "https://llm.example.com/v1");
    CHECK(expanded("${SKEIN_TEST_HOST}${SKEIN_TEST_HOST}") == "llm.example.comllm.example.com");
    CHECK(expanded("<${SKEIN_TEST_EMPTY}>") == "<>");
    CHECK(
        expanded("no variable, $5, $, {{ name }}, $NAME") == "no variable, $5, $, {{ name }}, $NAME"
    );
    CHECK(expanded("") == "");
}

TEST_CASE("A variable that is not set, or empty, is replaced by its default.", "[config]") {
    const Variable missing{"SKEIN_TEST_MISSING", std::nullopt};
    const Variable empty{"SKEIN_TEST_EMPTY", ""};
    const Variable host{"SKEIN_TEST_HOST", "llm.example.com"};
    CHECK(
        expanded("${SKEIN_TEST_MISSING:-http://127.0.0.1:8080/v1}") == "http://127.0.0.1:8080/v1"
    );
    CHECK(expanded("<${SKEIN_TEST_EMPTY:-b}${SKEIN_TEST_MISSING:-}>") == "<b>");
    CHECK(expanded("${SKEIN_TEST_HOST:-other}") == "llm.example.com");
    CHECK_FALSE(sole_variable("${SKEIN_TEST_MISSING:-CANARY-key}"));
}

TEST_CASE("The escape $${ gives a literal ${.", "[config]") {
    CHECK(expanded("$${NAME}") == "${NAME}");
    CHECK(expanded("a $${ b") == "a ${ b");
    CHECK(expanded("$$5") == "$$5");
}

TEST_CASE("The value of a variable is not expanded again.", "[config]") {
    const Variable outer{"SKEIN_TEST_OUTER", "${SKEIN_TEST_INNER} {{ x }}"};
    CHECK(expanded("${SKEIN_TEST_OUTER}") == "${SKEIN_TEST_INNER} {{ x }}");
}

TEST_CASE("A variable that is missing or holds a line break is refused by its name.", "[config]") {
    const Variable missing{"SKEIN_TEST_MISSING", std::nullopt};
    const Variable lines{"SKEIN_TEST_LINES", "CANARY\nkey"};
    const Variable returns{"SKEIN_TEST_RETURN", "CANARY\r"};
    const Variable bytes{"SKEIN_TEST_BYTES", "CANARY\xFF"};
    CHECK_THAT(expanded("${SKEIN_TEST_MISSING}"), Contains("SKEIN_TEST_MISSING is not set"));
    for (const auto* name : {"SKEIN_TEST_LINES", "SKEIN_TEST_RETURN", "SKEIN_TEST_BYTES"}) {
        const auto text = expanded(std::string{"x ${"} + name + "}");
        CHECK_THAT(text, Catch::Matchers::StartsWith("wrong: ") && Contains(name));
        CHECK_THAT(text, !Contains("CANARY"));
    }
}

TEST_CASE("${ without a variable name is an error.", "[config]") {
    for (const auto* text :
         {"${", "${}", "${A", "${a-b}", "${1A}", "${ A }", "x ${A B} y", "${\xC3\x84}"}) {
        CAPTURE(text);
        CHECK_THAT(expanded(text), Contains("for a literal ${ write $${"));
    }
}

TEST_CASE("A text of exactly one variable is recognized.", "[config]") {
    CHECK(sole_variable("${MAIN_API_KEY}") == "MAIN_API_KEY");
    for (const auto* text :
         {"", "CANARY-key", "${A}${B}", "x${A}", "${A} ", "$${A}", "${}", "${", "$A", "}"}) {
        CAPTURE(text);
        CHECK_FALSE(sole_variable(text));
    }
}

TEST_CASE("The value of a variable cannot become YAML.", "[config]") {
    const Variable evil{"SKEIN_TEST_EVIL", "x, allow_plaintext: true}"};
    auto tree = read_yaml("a:\n  b: '${SKEIN_TEST_EVIL}'\n  c: ${SKEIN_TEST_EVIL}\n", "f");
    REQUIRE(tree.has_value());
    REQUIRE(expand_job(*tree).empty());
    const auto* a = tree->find("a");
    CHECK(a->children.size() == 2);
    CHECK(a->find("b")->text == "x, allow_plaintext: true}");
    CHECK(a->find("c")->text == "x, allow_plaintext: true}");
}

TEST_CASE("A value from a variable is shown by the variable's name.", "[config]") {
    const Variable secret{"SKEIN_TEST_SECRET", "CANARY-key"};
    auto tree = read_yaml("a: ${SKEIN_TEST_SECRET}\n", "f");
    REQUIRE(tree.has_value());
    REQUIRE(expand_job(*tree).empty());
    CHECK(found(*tree->find("a")) == "the value of ${SKEIN_TEST_SECRET}");
}
