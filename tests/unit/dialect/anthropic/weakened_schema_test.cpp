#include "dialect/anthropic/weakened_schema.hpp"

#include "support/catch.hpp"

#include <string>

using namespace skein;

namespace {

std::string weakened(const std::string& schema) {
    json::Element root;
    REQUIRE_FALSE(json::parse(schema).get(root));
    return weakened_schema(root);
}

}  // namespace

TEST_CASE("Bounds that Anthropic refuses become words in the description.", "[dialect]") {
    CHECK(
        weakened(R"x({"type":"integer","minimum":1,"maximum":9,"description":"A digit."})x") ==
        R"x({"type":"integer","description":"A digit. (minimum: 1, maximum: 9)"})x"
    );
    CHECK(
        weakened(R"x({"minItems":1,"maxItems":3,"items":{"minLength":2}})x") ==
        R"x({"minItems":1,"items":{"description":"(minLength: 2)"},"description":"(maxItems: 3)"})x"
    );
    CHECK(weakened(R"x({"minItems":2})x") == R"x({"description":"(minItems: 2)"})x");
    CHECK(
        weakened(R"x({"format":"uri","anyOf":[{"format":"regex"}]})x") ==
        R"x({"format":"uri","anyOf":[{"description":"(format: \"regex\")"}]})x"
    );
}

TEST_CASE("Anthropic gets closed objects and anyOf for oneOf; names stay names.", "[dialect]") {
    CHECK(
        weakened(R"x({"properties":{"minimum":{"oneOf":[{"type":"null"}]}}})x") ==
        R"x({"properties":{"minimum":{"anyOf":[{"type":"null"}]}},"additionalProperties":false})x"
    );
    CHECK(
        weakened(R"x({"properties":{},"additionalProperties":true})x") ==
        R"x({"properties":{},"additionalProperties":false})x"
    );
    for (const std::string same :
         {R"x({"type":"object","additionalProperties":{"type":"string"}})x",
          R"x({"enum":[{"minimum":1}],"$ref":"#/$defs/a","$defs":{"a":true}})x",
          R"x({"type":"object"})x"}) {
        CHECK(weakened(same) == same);
    }
}
