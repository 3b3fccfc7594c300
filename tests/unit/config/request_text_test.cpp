#include "config/request_text.hpp"

#include "config/yaml_text.hpp"
#include "support/catch.hpp"

using namespace skein::config;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// The JSON of `request:`, or the error.
std::string json_of(const std::string& yaml) {
    const auto tree = read_yaml("request:" + yaml, "f");
    if (!tree) return tree.error().text();
    std::string text;
    Places places;
    Mistakes mistakes;
    add(mistakes, read_request(*tree->find("request"), text, places, mistakes));
    return mistakes.empty() ? text : mistakes.front().text();
}

}  // namespace

TEST_CASE("A request template becomes JSON with the keys in their order.", "[config]") {
    CHECK(
        json_of("\n  messages:\n    - {role: system, content: You are terse.}\n"
                "    - {role: user, content: \"{{ question }}\"}\n"
                "  temperature: 0\n  max_tokens: 256\n  stream: true\n") ==
        "{\"messages\":[{\"role\":\"system\",\"content\":\"You are terse.\"},"
        "{\"role\":\"user\",\"content\":\"{{ question }}\"}],"
        "\"temperature\":0,\"max_tokens\":256,\"stream\":true}"
    );
    CHECK(
        json_of(" {z: 1, a: 2, m: {b: [], a: {}}}") == "{\"z\":1,\"a\":2,\"m\":{\"b\":[],\"a\":{}}}"
    );
}

TEST_CASE("Unquoted scalars have the type they look like, quoted scalars are text.", "[config]") {
    CHECK(json_of(" {x: 0.70}") == "{\"x\":0.70}");
    CHECK(json_of(" {x: -12}") == "{\"x\":-12}");
    CHECK(json_of(" {x: 1e-3}") == "{\"x\":1e-3}");
    CHECK(json_of(" {x: 1.0}") == "{\"x\":1.0}");
    CHECK(json_of(" {x: 18446744073709551615}") == "{\"x\":18446744073709551615}");
    CHECK(
        json_of(" {x: true, y: False, z: null, w: ~, v: }") ==
        "{\"x\":true,\"y\":false,\"z\":null,\"w\":null,\"v\":null}"
    );
    CHECK(
        json_of(" {x: '1', y: \"true\", z: 'null', w: ''}") ==
        "{\"x\":\"1\",\"y\":\"true\",\"z\":\"null\",\"w\":\"\"}"
    );
    CHECK(
        json_of(" {x: yes, y: off, z: tRUE, w: 1_000, v: 2024-01-01, u: 1.2.3, t: e1, s: -}") ==
        "{\"x\":\"yes\",\"y\":\"off\",\"z\":\"tRUE\",\"w\":\"1_000\",\"v\":\"2024-01-01\","
        "\"u\":\"1.2.3\",\"t\":\"e1\",\"s\":\"-\"}"
    );
    CHECK(json_of(" {1: x, true: y}") == "{\"1\":\"x\",\"true\":\"y\"}");
}

TEST_CASE("A number that is not valid JSON is refused with a question.", "[config]") {
    for (const auto* number :
         {"010",
          "-010",
          "+1",
          ".5",
          "5.",
          "0x1F",
          "0o17",
          ".inf",
          "-.Inf",
          ".nan",
          "1.e3",
          "00",
          "1e999",
          "99999999999999999999"}) {
        CAPTURE(number);
        CHECK_THAT(
            json_of(std::string{" {x: "} + number + "}"),
            StartsWith("f:1:14: is " + std::string{number}) && Contains("a text in quotes")
        );
        CHECK(
            json_of(std::string{" {x: '"} + number + "'}") ==
            "{\"x\":\"" + std::string{number} + "\"}"
        );
    }
}

TEST_CASE("Text in a request template is escaped, and reads back the same.", "[config]") {
    CHECK(json_of("\n  x: |\n    a \"b\"\n    \tc\\\n") == "{\"x\":\"a \\\"b\\\"\\n\\tc\\\\\\n\"}");
    CHECK(json_of(" {x: \"\\0\\e\"}") == "{\"x\":\"\\u0000\\u001b\"}");
    CHECK(json_of(" {x: </script>}") == "{\"x\":\"</script>\"}");
    CHECK(json_of(" {\"a\\\"b\": 1}") == "{\"a\\\"b\":1}");
}

TEST_CASE("A request template is a mapping that is not empty and names no model.", "[config]") {
    CHECK(
        json_of(" hello") ==
        "f:1:10: request must be a mapping of what to send for each row (messages, temperature …), "
        "not hello"
    );
    CHECK_THAT(json_of(" [1]"), StartsWith("f:1:10: ") && Contains("not a list"));
    CHECK_THAT(json_of(""), Contains("not nothing"));
    CHECK_THAT(json_of(" {}"), Contains("not an empty one"));
    CHECK(
        json_of("\n  stream: true\n  model: x\n") ==
        "f:3:3: the model belongs to the endpoint; write it there, under endpoints"
    );
    CHECK(json_of(" {metadata: {model: x}}") == "{\"metadata\":{\"model\":\"x\"}}");
}
