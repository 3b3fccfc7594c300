#include "job/input/template.hpp"

#include "support/catch.hpp"
#include "unit/job/file/scratch.hpp"

#include <string>
#include <vector>

using namespace skein;
using namespace skein::job;

namespace {

// The filled template, or `!` and the problem.
std::string fill(std::string_view text, std::string_view row) {
    const auto made = Template::compile(text);
    if (!made) return "!!" + made.error().text();
    json::Object object;
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

TEST_CASE("A placeholder takes the text of a field of any JSON type.", "[job]") {
    CHECK(fill(R"({"p":"{{ a }}"})", R"({"a":"x"})") == R"({"p":"x"})");
    CHECK(fill(R"({"p":"<{{a}}|{{ b }}>"})", R"({"a":1.50,"b":2})") == R"({"p":"<1.50|2>"})");
    CHECK(
        fill(R"({"p":"{{ a }}"})", R"({"a":{ "k" : [1, "z"] }})") == R"({"p":"{\"k\":[1,\"z\"]}"})"
    );
    CHECK(fill(R"({"p":"{{ a }}"})", R"({"a":true})") == R"({"p":"true"})");
}

TEST_CASE("A filled-in text is copied byte for byte and stays text.", "[job]") {
    CHECK(
        fill(R"({"p":"{{ a }}"})", R"({"a":"q\"\\\n\u00e9é\u0000"})") ==
        R"({"p":"q\"\\\n\u00e9é\u0000"})"
    );
    CHECK(fill(R"({"p":"{{ a }}"})", R"({"a":"\",\"evil\":\""})") == R"({"p":"\",\"evil\":\""})");
}

TEST_CASE("A placeholder in a filled-in text is not expanded.", "[job]") {
    CHECK(fill(R"({"p":"{{ a }}{{ b }}"})", R"({"a":"{{ b }}","b":"{"})") == R"({"p":"{{ b }}{"})");
    CHECK(fill(R"({"p":"{{ a }}{ b }}"})", R"({"a":"{","b":"secret"})") == R"({"p":"{{ b }}"})");
}

TEST_CASE("The `json` filter replaces the whole string with the JSON of the field.", "[job]") {
    CHECK(
        fill(R"({"p":"{{ a | json }}","q":1})", R"({"a":[1, {"x": "y"}]})") ==
        R"({"p":[1, {"x": "y"}],"q":1})"
    );
    CHECK(fill(R"({"p":["{{a|json}}"]})", R"({"a":"text"})") == R"({"p":["text"]})");
    CHECK(refused(R"({"p":"x{{ a | json }}"})", "must be the whole text"));
    CHECK(refused(R"({"p":"{{ a | json }}{{ b }}"})", "must be the whole text"));
}

TEST_CASE("A null field is an empty text, and null with the `json` filter.", "[job]") {
    CHECK(fill(R"({"p":"Company: {{ a }}."})", R"({"a":null})") == R"({"p":"Company: ."})");
    CHECK(fill(R"({"p":"{{ a.b }}"})", R"({"a":{"b":null}})") == R"({"p":""})");
    CHECK(fill(R"({"p":"{{ a }}"})", R"({"a":"null"})") == R"({"p":"null"})");
    CHECK(fill(R"({"p":"{{ a | json }}"})", R"({"a":null})") == R"({"p":null})");
}

TEST_CASE("A default replaces a missing or null field and no other value.", "[job]") {
    const auto text = R"({"p":"<{{ a | default('n/a') }}>"})";
    CHECK(fill(text, "{}") == R"({"p":"<n/a>"})");
    CHECK(fill(text, R"({"a":null})") == R"({"p":"<n/a>"})");
    CHECK(fill(text, R"({"a":""})") == R"({"p":"<>"})");
    CHECK(fill(text, R"({"a":0})") == R"({"p":"<0>"})");
    CHECK(fill(R"({"p":"{{a|default(\"}}|\")}}"})", "{}") == R"({"p":"}}|"})");
    CHECK(refused(R"({"p":"{{ a | default }}"})", "default('none')"));
    CHECK(refused(R"({"p":"{{ a | default(1) }}"})", "default('none')"));
}

TEST_CASE("Quoted braces in a placeholder are sent literally.", "[job]") {
    CHECK(fill(R"({"p":"{{ '{{' }}x{{ '}}' }}"})", "{}") == R"({"p":"{{x}}"})");
    CHECK(fill(R"({"p":"{{ \"{{\" }} {{ a }} {{'}'}}"})", R"({"a":1})") == R"({"p":"{{ 1 }"})");
    CHECK(fill(R"({"p":["{{ '' }}"]})", "{}") == R"({"p":[""]})");
    CHECK(fill(R"({"p":"{{ '\\\"' }}"})", "{}") == R"({"p":"\\\""})");
    CHECK(fill(R"({"p":"{\"a\": {\"b\": 1} }"})", "{}") == R"({"p":"{\"a\": {\"b\": 1} }"})");
}

TEST_CASE("A placeholder without a field name fails with advice on literal braces.", "[job]") {
    for (const auto* text :
         {R"({"p":"Answer as {{\"label\": \"...\"}}: {{ q }}"})",
          R"({"p":"{{'a': 1}}"})",
          R"({"p":"{{ {x} }}"})"}) {
        CHECK(refused(text, "no name of a field"));
        CHECK(refused(text, "{{ '{{' }}"));
    }
    CHECK(refused(R"({"p":"{{\"label\": 1}}"})", R"(`{{"label": 1}}`)"));
    CHECK(refused(R"({"p":"{{ 'a"})", "never closed"));
    CHECK(fill(R"({"p":"{{ it's }}{{ a's }}"})", R"({"it's":1,"a's":2})") == R"({"p":"12"})");
}

TEST_CASE(
    "A missing field fails with the nearest name, or with advice on literal braces.", "[job]"
) {
    CHECK(fill(R"({"p":"\\frac{{x}}{{y}}"})", R"({"q":1})").ends_with("are written {{ '{{' }}"));
    CHECK(fill(R"({"p":"{{ qestion }}"})", R"({"question":1})").ends_with("mean `question`?"));
}

TEST_CASE("The number filter makes a number of a text, or the row fails.", "[job]") {
    const auto number = [](std::string_view value) {
        return fill(R"({"t":"{{ t | number }}"})", R"({"t":)" + std::string{value} + "}");
    };
    CHECK(number(R"("0.5")") == R"({"t":0.5})");
    CHECK(number(R"(" 1e3 ")") == R"({"t":1e3})");
    CHECK(number(R"("-7")") == R"({"t":-7})");
    CHECK(number("18446744073709551615") == R"({"t":18446744073709551615})");
    for (const auto* value :
         {R"("")",
          R"("0,5")",
          R"("1,000")",
          R"("1.")",
          R"(".5")",
          R"("+1")",
          R"("010")",
          R"("0x1F")",
          R"("1_000")",
          R"("NaN")",
          R"("1 2")",
          R"("1,\"x\":2")",
          R"("\u0031")",
          R"("1e999")",
          R"("half")",
          "null",
          "true",
          "[1]",
          R"({"a":1})"}) {
        INFO(value);
        CHECK(number(value).starts_with("!its field `t` is `"));
        CHECK(number(value).find("1, 0.5, 1e3") != std::string::npos);
    }
    CHECK(number(R"("0,5")").find("with a point") != std::string::npos);
    CHECK(refused(R"({"p":"{{ a | number }} kg"})", "must be the whole text"));
}

TEST_CASE("An unknown filter is refused with a list of the known filters.", "[job]") {
    CHECK(refused(R"({"p":"{{ a | upper }}"})", "`upper` is not known; there are json, number and")
    );
    CHECK(refused(R"({"p":"{{ a | tojson }}"})", "did you mean `json`?"));
    CHECK(refused(R"({"p":"{{ a | float }}"})", "did you mean `number`?"));
    CHECK(refused(R"({"p":"{{ a | jsn }}"})", "did you mean `json`?"));
    CHECK(refused(R"({"p":"{{ a | json() }}"})", "is not known"));
    CHECK(refused(R"({"p":"{{ a | default('x') | json }}"})", "default takes one text"));
    CHECK(refused(R"({"p":"{{ a | trim | json }}"})", "one filter"));
}

TEST_CASE("A list that is an item of a list is spliced into it.", "[job]") {
    const auto join = [](std::string_view list, std::string_view fields) {
        return fill(R"({"m":)" + std::string{list} + "}", fields);
    };
    const auto both = R"({"a":[ 1, 2 ],"b":["x"]})";
    CHECK(join(R"([0,"{{ a | json }}"])", both) == R"({"m":[0,1, 2]})");
    CHECK(join(R"(["{{ a | json }}",0])", both) == R"({"m":[1, 2,0]})");
    CHECK(join(R"(["{{ a | json }}","{{ b | json }}"])", both) == R"({"m":[1, 2,"x"]})");
    CHECK(join(R"([["{{ a | json }}"]])", both) == R"({"m":[[1, 2]]})");
    CHECK(join(R"({"k":"{{ a | json }}"})", both) == R"({"m":{"k":[ 1, 2 ]}})");
    CHECK(
        join(R"([{"role":"system"},"{{ a | json }}"])", R"({"a":{"role":"user"}})") ==
        R"({"m":[{"role":"system"},{"role":"user"}]})"
    );
}

TEST_CASE("An empty list or null that is spliced removes one comma beside it.", "[job]") {
    const auto join = [](std::string_view list) {
        return fill(R"({"m":)" + std::string{list} + "}", R"({"e":[ ],"n":null,"a":[1]})");
    };
    CHECK(join(R"(["{{ e | json }}"])") == R"({"m":[]})");
    CHECK(join(R"(["{{ n | json }}"])") == R"({"m":[]})");
    CHECK(join(R"([0,"{{ e | json }}"])") == R"({"m":[0]})");
    CHECK(join(R"(["{{ e | json }}",0])") == R"({"m":[0]})");
    CHECK(join(R"([0 , "{{ e | json }}" , 1])") == R"({"m":[0  , 1]})");
    CHECK(join(R"(["{{ e | json }}","{{ n | json }}","{{ a | json }}"])") == R"({"m":[1]})");
    CHECK(join(R"(["{{ a | json }}","{{ n | json }}","{{ a | json }}"])") == R"({"m":[1,1]})");
    CHECK(join(R"([["{{ e | json }}"],["{{ e | json }}",2]])") == R"({"m":[[],[2]]})");
}

TEST_CASE("A dotted name is a path into objects and lists.", "[job]") {
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

TEST_CASE("The first of two fields with the same name counts.", "[job]") {
    CHECK(
        fill(R"({"p":"{{ a }}{{ b.c }}"})", R"({"a":1,"a":2,"b":{"c":3,"c":4}})") == R"({"p":"13"})"
    );
}

TEST_CASE("A missing field fails with a list of the present fields.", "[job]") {
    CHECK(
        fill(R"({"p":"{{ question }}"})", R"({"prompt":"x","id":2})") ==
        "!it has no field `question`; it has: prompt, id; braces to be sent are written {{ '{{' }}"
    );
    CHECK(
        fill(R"({"p":"{{ question }}"})", "{}") ==
        "!it has no field `question`; it has: none; braces to be sent are written {{ '{{' }}"
    );
}

TEST_CASE("A malformed template is refused.", "[job]") {
    CHECK(refused(R"({"p":"{{ a"})", "never closed"));
    CHECK(refused(R"({"p":"{{ a }"})", "never closed"));
    CHECK(refused(R"({"p":"{{ }}"})", "names no field"));
    CHECK(refused(R"({"p":"{{ a {{ b }}"})", "no name of a field"));
    CHECK(refused(R"({"{{ a }}":1})", "not in a name"));
    CHECK(refused(R"(["{{ a }}"])", "JSON object"));
    CHECK(refused("", "JSON object"));
}

TEST_CASE("A template without placeholders stays unchanged.", "[job]") {
    const auto text = R"({"a":"}} { {\u007b{ x }}","b":[ 1 , "\\\"" ],"c":{}})";
    CHECK(fill(text, "{}") == text);
}

TEST_CASE("Placeholders are checked in advance if the fields are known in advance.", "[job]") {
    const auto made = Template::compile(R"({"p":"{{ question }} {{ id }}"})");
    REQUIRE(ok(made));
    CHECK(!made->check(std::vector<std::string>{"id", "question", "more"}));
    const auto error = made->check(std::vector<std::string>{"text"});
    REQUIRE(error);
    CHECK(
        error->text() ==
        "request: the input has no field `question`; it has: text; braces to be sent are written "
        "{{ '{{' }}"
    );
}
