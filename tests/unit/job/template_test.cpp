#include "job/template.hpp"

#include "support/catch.hpp"
#include "unit/job/scratch.hpp"

#include <string>
#include <vector>

using namespace skein::job;

namespace {

// The filled template, or `!` and what was wrong.
std::string fill(std::string_view text, std::string_view row) {
    const auto made = Template::compile(text);
    if (!made) return "!!" + made.error().text();
    JsonObject object;
    if (const auto why = object.parse(row)) return "!" + *why;
    std::string out;
    if (const auto why = made->fill(object, out)) return "!" + *why;
    return out;
}

bool refused(std::string_view text, std::string_view with) {
    const auto made = Template::compile(text);
    return !made && made.error().text().find(with) != std::string::npos;
}

}  // namespace

TEST_CASE("a place takes the text of a field, whatever its kind", "[job]") {
    CHECK(fill(R"({"p":"{{ a }}"})", R"({"a":"x"})") == R"({"p":"x"})");
    CHECK(fill(R"({"p":"<{{a}}|{{ b }}>"})", R"({"a":1.50,"b":null})") == R"({"p":"<1.50|null>"})");
    CHECK(
        fill(R"({"p":"{{ a }}"})", R"({"a":{ "k" : [1, "z"] }})") == R"({"p":"{\"k\":[1,\"z\"]}"})"
    );
    CHECK(fill(R"({"p":"{{ a }}"})", R"({"a":true})") == R"({"p":"true"})");
}

TEST_CASE("text goes in byte for byte, and stays text", "[job]") {
    CHECK(
        fill(R"({"p":"{{ a }}"})", R"({"a":"q\"\\\n\u00e9é\u0000"})") ==
        R"({"p":"q\"\\\n\u00e9é\u0000"})"
    );
    CHECK(fill(R"({"p":"{{ a }}"})", R"({"a":"\",\"evil\":\""})") == R"({"p":"\",\"evil\":\""})");
}

TEST_CASE("what was put in is never looked at again", "[job]") {
    CHECK(fill(R"({"p":"{{ a }}{{ b }}"})", R"({"a":"{{ b }}","b":"{"})") == R"({"p":"{{ b }}{"})");
    CHECK(fill(R"({"p":"{{ a }}{ b }}"})", R"({"a":"{","b":"secret"})") == R"({"p":"{{ b }}"})");
}

TEST_CASE("`| json` puts in the field itself", "[job]") {
    CHECK(
        fill(R"({"p":"{{ a | json }}","q":1})", R"({"a":[1, {"x": "y"}]})") ==
        R"({"p":[1, {"x": "y"}],"q":1})"
    );
    CHECK(fill(R"({"p":["{{a|json}}"]})", R"({"a":"text"})") == R"({"p":["text"]})");
    CHECK(refused(R"({"p":"x{{ a | json }}"})", "must be the whole text"));
    CHECK(refused(R"({"p":"{{ a | json }}{{ b }}"})", "must be the whole text"));
    CHECK(refused(R"({"p":"{{ a | upper }}"})", "only `json` is known"));
}

TEST_CASE("dots lead into objects and lists", "[job]") {
    const auto row = R"({"a":{"b":[10,{"c":"deep"}],"\u0064":"escaped"},"x.y":"whole name","n":3})";
    CHECK(
        fill(R"({"p":"{{ a.b.0 }} {{ a.b.1.c }} {{ a.d }} {{ x.y }}"})", row) ==
        R"({"p":"10 deep escaped whole name"})"
    );
    for (const auto* path : {"a.b.2", "a.b.-1", "a.b.x", "a.z", "n.0", "a.b.1.c.d", "b", "a."}) {
        CHECK(
            fill("{\"p\":\"{{ " + std::string{path} + " }}\"}", row).starts_with("!it has no field")
        );
    }
}

TEST_CASE("of two fields with one name the first counts", "[job]") {
    CHECK(
        fill(R"({"p":"{{ a }}{{ b.c }}"})", R"({"a":1,"a":2,"b":{"c":3,"c":4}})") == R"({"p":"13"})"
    );
}

TEST_CASE("a missing field is named, with those that are there", "[job]") {
    CHECK(
        fill(R"({"p":"{{ question }}"})", R"({"prompt":"x","id":2})") ==
        "!it has no field `question`; it has: prompt, id"
    );
    CHECK(fill(R"({"p":"{{ question }}"})", "{}") == "!it has no field `question`; it has: none");
}

TEST_CASE("a template that cannot be filled is refused", "[job]") {
    CHECK(refused(R"({"p":"{{ a"})", "never closed"));
    CHECK(refused(R"({"p":"{{ a }"})", "never closed"));
    CHECK(refused(R"({"p":"{{ }}"})", "names no field"));
    CHECK(refused(R"({"p":"{{ a {{ b }}"})", "no name of a field"));
    CHECK(refused(R"({"{{ a }}":1})", "not in a name"));
    CHECK(refused(R"(["{{ a }}"])", "JSON object"));
    CHECK(refused("", "JSON object"));
}

TEST_CASE("a template without places stays as it is", "[job]") {
    const auto text = R"({"a":"}} { {\u007b{ x }}","b":[ 1 , "\\\"" ],"c":{}})";
    CHECK(fill(text, "{}") == text);
}

TEST_CASE("fields that are known beforehand are checked beforehand", "[job]") {
    const auto made = Template::compile(R"({"p":"{{ question }} {{ id }}"})");
    REQUIRE(ok(made));
    CHECK(!made->check(std::vector<std::string>{"id", "question", "more"}));
    const auto error = made->check(std::vector<std::string>{"text"});
    REQUIRE(error);
    CHECK(error->text() == "request: the input has no field `question`; it has: text");
}
