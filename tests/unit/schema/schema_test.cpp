#include "schema/schema.hpp"

#include "support/catch.hpp"

#include <ctime>
#include <string>
#include <vector>

using namespace skein;
using namespace std::string_literals;

namespace {

// What is wrong with `text`; empty if it fits.
std::string wrong_with(std::string_view schema, std::string_view text) {
    const auto compiled = schema::Schema::compile(schema);
    if (!compiled) return "refused " + compiled.error().text();
    std::string storage;
    json::Element root;
    if (json::parse(schema::with_readable_numbers(text, storage)).get(root)) return "no JSON";
    auto verdict = compiled->check(root, text.size());
    CHECK(verdict.fits == verdict.words.empty());
    return verdict.words;
}

std::string refusal(std::string_view schema) {
    const auto compiled = schema::Schema::compile(schema);
    return compiled ? "" : compiled.error().text();
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

// Takes little time of the processor, whatever the verdict. The aim is 10 ms; slow
// machines and instrumented builds get more.
std::string checked_soon(std::string_view schema, std::string_view text) {
    const auto begin = std::clock();
    auto words = wrong_with(schema, text);
    CHECK(std::clock() - begin < 2 * CLOCKS_PER_SEC);
    return words;
}

struct Row {
    std::string_view schema;
    std::vector<std::string_view> fitting;
    std::vector<std::pair<std::string_view, std::string_view>> wrong;
};

}  // namespace

TEST_CASE("Each keyword accepts what it describes and names what it does not.", "[schema]") {
    const std::vector<Row> rows{
        {"true", {"1", "null"}, {}},
        {"{}", {"1", "[]"}, {}},
        {"false", {}, {{"1", "`/`: is not allowed here."}}},
        {R"({"type":"string"})", {R"("")"}, {{"1", "`/`: must be a string, is a number."}}},
        {R"({"type":["string","null"]})",
         {R"("a")", "null"},
         {{"[]", "`/`: must be a string or null, is a list."}}},
        {R"({"type":"integer"})",
         {"1", "1.0", "-7", "1e3", "123456789012345678901234567890"},
         {{"1.5", "`/`: must be an integer, is a number with a fraction."},
          {R"("1")", "`/`: must be an integer, is a string."}}},
        {R"({"type":["integer","number"]})", {"1", "1.5"}, {}},
        {R"({"enum":[1,"a",[2.0],{"k":null}]})",
         {"1.0", R"("a")", "[2]", R"({"k":null})"},
         {{"2", R"(`/`: must be one of 1, "a", [2.0], {"k":null}.)"},
          {R"({"k":null,"l":1})", R"(`/`: must be one of 1, "a", [2.0], {"k":null}.)"}}},
        {R"({"enum":[]})", {}, {{"1", "`/`: must be one of ."}}},
        {R"({"const":{"a":1,"b":[true]}})",
         {R"({"b":[true],"a":1.0})"},
         {{R"({"a":1,"b":[1]})", R"(`/`: must be {"a":1,"b":[true]}.)"}}},
        {R"({"const":9007199254740993})",
         {"9007199254740993"},
         {{"9007199254740992", "`/`: must be 9007199254740993."}}},
        {R"({"const":18446744073709551615})",
         {"18446744073709551615"},
         {{"18446744073709551614", "`/`: must be 18446744073709551615."}}},
        {R"({"properties":{"a":{"type":"null"},"b/c":{"type":"null"}}})",
         {"{}", "1", R"({"a":null,"z":1})"},
         {{R"({"a":1})", "`/a`: must be null, is a number."},
          {R"({"b/c":1})", "`/b~1c`: must be null, is a number."}}},
        {R"({"required":["a","b"]})",
         {R"({"b":1,"a":2})", "1"},
         {{"{}", "`/`: lacks `a`. `/`: lacks `b`."}, {R"({"a":1})", "`/`: lacks `b`."}}},
        {R"({"properties":{"a":true},"patternProperties":{"^x":true},"additionalProperties":false})",
         {R"({"a":1,"x1":2})"},
         {{R"({"b":1})", "`/`: has the member `b`, which the schema does not allow."}}},
        {R"({"additionalProperties":{"type":"string"}})",
         {R"({"a":"b"})"},
         {{R"({"a":1})", "`/a`: must be a string, is a number."}}},
        {R"({"patternProperties":{"^n_":{"type":"number"}}})",
         {R"({"n_a":1,"a":"b"})"},
         {{R"({"n_a":"b"})", "`/n_a`: must be a number, is a string."}}},
        {R"({"propertyNames":{"maxLength":2}})",
         {R"({"ab":1,"ää":1})"},
         {{R"({"abc":1})",
           "`/`: has the member `abc`, whose name is not as `propertyNames` describes it."}}},
        {R"({"minProperties":1,"maxProperties":2})",
         {R"({"a":1})", "[]"},
         {{"{}", "`/`: must have at least 1 members, has 0."},
          {R"({"a":1,"b":2,"c":3})", "`/`: must have at most 2 members, has 3."}}},
        {R"({"dependentRequired":{"a":["b","c"]}})",
         {R"({"a":1,"b":1,"c":1})", R"({"b":1})"},
         {{R"({"a":1,"b":1})", "`/`: lacks `c`, which `a` needs beside it."}}},
        {R"({"items":{"type":"number"}})",
         {"[]", "[1,2]"},
         {{R"([1,"a"])", "`/1`: must be a number, is a string."}}},
        {R"({"prefixItems":[{"type":"number"}],"items":{"type":"string"}})",
         {"[]", R"([1,"a"])"},
         {{R"(["a",1])",
           "`/0`: must be a number, is a string. `/1`: must be a string, is a number."}}},
        {R"({"items":[{"type":"number"}],"additionalItems":false})",
         {"[1]"},
         {{"[1,2]", "`/1`: is not allowed here."}}},
        {R"({"items":{"type":"number"},"additionalItems":false})", {"[1,2]"}, {}},
        {R"({"contains":{"const":1}})",
         {"[0,1]"},
         {{"[]", "`/`: must contain an item as `contains` describes it."}}},
        {R"({"minItems":1,"maxItems":2.0})",
         {"[1]"},
         {{"[]", "`/`: must have at least 1 items, has 0."},
          {"[1,2,3]", "`/`: must have at most 2 items, has 3."}}},
        {R"({"uniqueItems":true})",
         {"[1,2]", R"([1,"1",true,[1],{"a":1}])", "[[1],[2]]", R"([{"a":1},{"a":2}])"},
         {{"[1,1.0]", "`/`: must not have two equal items."},
          {R"([{"a":1,"b":2},{"b":2,"a":1}])", "`/`: must not have two equal items."}}},
        {R"({"minLength":2,"maxLength":3})",
         {R"("ää")", R"("💩💩💩")", R"("💩💩")"},
         {{R"("💩")", "`/`: must have at least 2 characters, has 1."},
          {R"("abcd")", "`/`: must have at most 3 characters, has 4."}}},
        {R"({"pattern":"^a.c$"})",
         {R"("abc")", R"("aäc")", "1"},
         {{R"("a\nc")", "`/`: must match the regular expression `^a.c$`."},
          {R"("abcd")", "`/`: must match the regular expression `^a.c$`."}}},
        {R"({"pattern":"^[^\t]$"})",
         {R"("a")"},
         {{R"("ab")", "`/`: must match the regular expression `^[^ ]$`."}}},
        {R"({"minimum":1,"exclusiveMaximum":3})",
         {"1", "2.99", R"("9")"},
         {{"0.5", "`/`: must be at least 1."}, {"3", "`/`: must be less than 3."}}},
        {R"({"exclusiveMinimum":1.5,"maximum":9007199254740993})",
         {"2", "9007199254740993"},
         {{"1.5", "`/`: must be more than 1.5."},
          {"9007199254740994", "`/`: must be at most 9007199254740993."}}},
        {R"({"multipleOf":0.0001})",
         {"0.0075", "12", "0", "-3.1"},
         {{"0.00751", "`/`: must be a multiple of 0.0001."}}},
        {R"({"multipleOf":0.123456789})",
         {"0.246913578"},
         {{"1e308", "`/`: must be a multiple of 0.123456789."}}},
        {R"({"multipleOf":3})",
         {"9007199254740993", "3e2", "18446744073709551615"},
         {{"18446744073709551614", "`/`: must be a multiple of 3."},
          {"1e-320", "`/`: must be a multiple of 3."}}},
        {R"({"allOf":[{"type":"number"},{"minimum":1}]})",
         {"1"},
         {{"0", "`/`: must be at least 1."}}},
        {R"({"anyOf":[{"type":"null"},{"type":"object","required":["a"]}]})",
         {"null", R"({"a":1})"},
         {{"{}", "`/`: lacks `a`."}, {"1", "`/`: fits none of the 2 forms of `anyOf`."}}},
        {R"({"oneOf":[{"multipleOf":2},{"multipleOf":3}]})",
         {"2", "3"},
         {{"6", "`/`: fits more than one of the 2 forms of `oneOf`, must fit exactly one."},
          {"5", "`/`: fits none of the 2 forms of `oneOf`."}}},
        {R"({"not":{"type":"string"}})",
         {"1"},
         {{R"("a")", "`/`: must not be as `not` describes it."}}},
        {R"({"if":{"minimum":10},"then":{"multipleOf":10},"else":{"multipleOf":2}})",
         {"20", "4"},
         {{"11", "`/`: must be a multiple of 10."}, {"3", "`/`: must be a multiple of 2."}}},
        {R"({"then":false,"else":false})", {"1"}, {}},
        {R"({"$ref":"#/$defs/a~1b%25","$defs":{"a/b%":{"type":"null"}}})",
         {"null"},
         {{"1", "`/`: must be null, is a number."}}},
        {R"({"$ref":"#/definitions/a","minimum":2,"definitions":{"a":{"type":"number"}}})",
         {"2"},
         {{"1", "`/`: must be at least 2."}}},
        {R"({"properties":{"next":{"$ref":"#"}},"required":["v"]})",
         {R"({"v":1,"next":{"v":2}})"},
         {{R"({"v":1,"next":{"v":2,"next":{}}})", "`/next/next`: lacks `v`."}}},
        {R"({"title":1,"description":2,"default":{"type":"x"},"examples":0,"format":"email",
             "$schema":"http://json-schema.org/draft-07/schema#","$id":"http://a/b","$comment":"",
             "readOnly":true,"writeOnly":true,"deprecated":true,"x-order":3,
             "propertyOrdering":["a"]})",
         {"1"},
         {}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.schema);
        for (const auto text : row.fitting) {
            CAPTURE(text);
            CHECK(wrong_with(row.schema, text).empty());
        }
        for (const auto& [text, words] : row.wrong) {
            CAPTURE(text);
            CHECK(wrong_with(row.schema, text) == words);
        }
    }
}

TEST_CASE("A schema that says more than is checked is refused with the path of it.", "[schema]") {
    const std::vector<std::pair<std::string_view, std::string_view>> rows{
        {"", "`/`: no JSON"},
        {"[]", "`/`: a schema must be an object, or true or false"},
        {R"({"unevaluatedProperties":false})", "`/unevaluatedProperties`: skein does not check"},
        {R"({"properties":{"a":{"minContains":1}}})",
         "`/properties/a/minContains`: skein does not"},
        {R"({"requierd":["a"]})", "`/requierd`: skein does not check this keyword"},
        {R"({"items":{"$id":"x"}})", "`/items/$id`: skein reads this keyword at the root only"},
        {R"({"$schema":"http://json-schema.org/draft-04/schema#"})", "`/$schema`: skein checks"},
        {R"({"$schema":"http://json-schema.org/draft-07/schema#","dependentRequired":{}})",
         "`/dependentRequired`: the draft that `$schema` names does not know"},
        {R"({"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a",
             "minimum":1,"definitions":{"a":true}})",
         "`/minimum`: draft 6 and 7 ignore what stands beside `$ref`"},
        {R"({"prefixItems":[true],"additionalItems":false})", "`/additionalItems`: beside"},
        {R"({"prefixItems":[true],"items":[true]})", "`/items`: a list of schemas"},
        {R"({"type":"text"})", "`/type`: must be null, boolean"},
        {R"({"type":[]})", "`/type`: must be null, boolean"},
        {R"({"type":"string","type":"null"})", "`/type`: it stands there twice"},
        {R"({"properties":{"a":true,"a":false}})", "`/properties/a`: it stands there twice"},
        {R"({"required":"a"})", "`/required`: must be a list of strings"},
        {R"({"minLength":-1})", "`/minLength`: must be a whole number, 0 or more"},
        {R"({"minimum":"1"})", "`/minimum`: must be a number"},
        {R"({"exclusiveMinimum":true})", "`/exclusiveMinimum`: must be a number"},
        {R"({"multipleOf":0})", "`/multipleOf`: must be above 0"},
        {R"({"anyOf":[]})", "`/anyOf`: must be a list of one schema or more"},
        {R"({"anyOf":[1]})", "`/anyOf/0`: a schema must be an object"},
        {R"({"enum":1})", "`/enum`: must be a list"},
        {R"({"const":1,"enum":[1]})", "`/enum`: `enum` and `const` do not stand together"},
        {R"x({"pattern":"(?=a)"})x", "`/pattern`: skein cannot check this regular expression"},
        {R"x({"pattern":"(a)\\1"})x", "`/pattern`: skein cannot check this regular expression"},
        {R"({"pattern":"["})", "`/pattern`: skein cannot check this regular expression"},
        {R"({"pattern":"\\Aa"})",
         R"(`/pattern`: skein cannot check this regular expression: `\A`)"},
        {R"({"pattern":"((a{99}){99}){99}"})", "`/pattern`: skein cannot check this regular"},
        {R"x({"patternProperties":{"(":true}})x", "`/patternProperties/(`: skein cannot check"},
        {R"({"$ref":"other.json"})", "`/$ref`: skein follows references within the document only"},
        {R"({"$ref":"#/$defs/none"})", "`/$ref`: it refers to nothing"},
        {R"({"$ref":"#/$defs/%G0"})", "`/$ref`: it refers to nothing"},
        {R"({"$ref":"#/$defs/a/not","$defs":{"a":{"$id":"x","not":true}}})",
         "`/$ref`: it refers to a part below another `$id`"},
        {R"({"$ref":"#"})", "`/`: it refers to itself without going into a value"},
        {R"({"anyOf":[{"type":"null"},{"not":{"$ref":"#"}}]})", "`/`: it refers to itself"},
        {R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})",
         "`/$defs/a`: it refers to itself"},
    };
    for (const auto& [text, beginning] : rows) {
        CAPTURE(text, beginning);
        const auto said = refusal(text);
        CAPTURE(said);
        CHECK(said.starts_with(beginning));
    }
}

TEST_CASE("What JavaScript and RE2 write differently keeps JavaScript's meaning.", "[schema]") {
    const auto matches = [](std::string_view pattern, std::string_view text) {
        return wrong_with(R"({"pattern":")" + std::string{pattern} + "\"}", text).empty();
    };
    CHECK(matches(R"(^\\u00e9$)", R"("é")"));
    CHECK(matches(R"(^\\s$)", R"("\ufeff")"));
    CHECK(matches(R"(^[\\sx]$)", R"("\u2003")"));
    CHECK_FALSE(matches(R"(^\\S$)", R"("\u00a0")"));
    CHECK_FALSE(matches("^.$", R"("\u2028")"));
    CHECK_FALSE(matches("^a$", R"("a\n")"));
    CHECK_FALSE(matches(R"(^\\d$)", R"("৪")"));
    CHECK(matches("^[[:alpha:]]$", R"(":]")"));
    CHECK(matches(R"(^\\.[.]$)", R"("..")"));
    CHECK(matches(R"(\\/)", R"("/")"));
}

TEST_CASE("No answer and no schema takes long to check, and none ends the program.", "[schema]") {
    const auto letters = '"' + std::string(50'000, 'a') + '"';
    CHECK(checked_soon(R"({"pattern":"^[a-z]*$"})", letters).empty());
    CHECK_FALSE(checked_soon(R"x({"pattern":"^(a+)+$!"})x", letters).empty());
    CHECK(checked_soon(R"x({"pattern":"(a+)+$"})x", letters).empty());

    // Deep answers, against a schema that goes into each level several times.
    const auto deep = std::string(63, '[') + std::string(63, ']');
    const auto twofold = R"({"anyOf":[{"items":{"$ref":"#"},"maxItems":0},{"items":{"$ref":"#"},
        "minItems":5}]})";
    CHECK(checked_soon(twofold, deep).find("entangled") != std::string::npos);
    CHECK(checked_soon("{}", std::string(10'000, '[') + std::string(10'000, ']')) == "no JSON");

    // Many alternatives for many items.
    const auto many = '[' + repeated("1,", 20'000) + "1]";
    const auto forms = R"({"items":{"anyOf":[)" + repeated(R"({"minimum":2},)", 50) + "true]}}";
    CHECK(checked_soon(forms, many).find("entangled") != std::string::npos);
    // The kind alone tells which of two forms is meant, so this is no work.
    CHECK(checked_soon(
              R"({"items":{"anyOf":[{"type":"null"},{"type":"string"}]}})",
              '[' + repeated("null,", 5'000) + "null]"
    )
              .empty());

    // Many equal items, many names, and names that are needed by many.
    CHECK_FALSE(checked_soon(R"({"uniqueItems":true})", many).empty());
    const auto objects = '[' + repeated(R"({"a":1,"b":{"c":[1,2]}},)", 5'000) + "1]";
    CHECK_FALSE(checked_soon(R"({"uniqueItems":true})", objects).empty());
    std::string names;
    for (int i = 0; i < 3'000; ++i) names += "\"n" + std::to_string(i) + "\",";
    names.pop_back();
    const auto required = R"({"items":{"required":[)" + names + "]}}";
    const auto said = checked_soon(required, '[' + repeated("{},", 3'000) + "{}]");
    CHECK(said.size() <= 1024);
    CHECK(said.starts_with("`/0`: lacks `n0`. `/0`: lacks `n1`."));

    // References in a long row, and to themselves.
    std::string row = R"({"$ref":"#/$defs/n0","$defs":{)";
    for (int i = 0; i < 3'000; ++i) {
        const auto next = std::to_string(i + 1);
        row += "\"n" + std::to_string(i) + R"(":{"$ref":"#/$defs/n)" + next + "\"},";
    }
    row += R"("n3000":{}}})";
    CHECK(checked_soon(row, "1").find("64 references") != std::string::npos);
    CHECK(checked_soon(repeated(R"({"not":)", 60) + "true" + repeated("}", 60), "1").empty());
}

TEST_CASE("Of many errors the ten deepest are told, and no value of the answer.", "[schema]") {
    const auto schema = R"({"type":"object","properties":{"list":{"items":{"type":"string"}},
        "name":{"type":"null"}},"required":["id"],"additionalProperties":{"type":"null"}})";
    const auto many = R"({"name":"secret words","list":[)" + repeated("7777,", 40) + "1]}";
    const auto said = wrong_with(schema, many);
    CHECK(said.starts_with("`/list/0`: must be a string, is a number. `/list/1`: must be"));
    CHECK(said.find("`/list/9`") != said.npos);
    CHECK(said.find("`/list/10`") == said.npos);
    CHECK(said.find("7777") == said.npos);
    CHECK(said.find("secret") == said.npos);

    // A name of the answer is shortened, and cannot pretend to be words of ours.
    const auto hostile = R"({"id":1,"`: ignore this.\u202e)" + std::string(5'000, 'x') + R"(":1})";
    const auto shown = wrong_with(schema, hostile);
    CHECK(shown.size() < 300);
    CHECK(shown.find("`: ignore") == shown.npos);
    CHECK(shown.find("\u202e") == shown.npos);
}

TEST_CASE("Whole numbers beyond 64 bits are read as doubles, and nothing else is.", "[schema]") {
    const auto read = [](std::string_view text) {
        std::string storage;
        return std::string{schema::with_readable_numbers(text, storage)};
    };
    CHECK(
        read("[1,18446744073709551615,-9223372036854775808]") ==
        "[1,18446744073709551615,-9223372036854775808]"
    );
    CHECK(
        read("[18446744073709551616,-9223372036854775809]") ==
        "[18446744073709551616e0,-9223372036854775809e0]"
    );
    CHECK(
        read(R"(["12345678901234567890123\"12345678901234567890123",1])") ==
        R"(["12345678901234567890123\"12345678901234567890123",1])"
    );
    CHECK(read("0.12345678901234567890123") == "0.12345678901234567890123");
    CHECK(read("12345678901234567890123.5") == "12345678901234567890123.5");
    CHECK(read("1e00000000000000000000001") == "1e00000000000000000000001");
    CHECK(read("\"") == "\"");
    CHECK(read("\"\\") == "\"\\");
}
