#include "settings/column_source.hpp"

#include "support/catch.hpp"

#include <string>

using namespace skein;
using namespace skein::config;
using Kind = ColumnSource::Kind;
using Catch::Matchers::Contains;

TEST_CASE("A column says a word, a path into JSON, or a field of its row.", "[settings]") {
    CHECK(read_column_source("text")->kind == Kind::text);
    CHECK(read_column_source("output_tokens")->kind == Kind::output_tokens);
    CHECK(read_column_source("json")->path.empty());
    CHECK(read_column_source("json.a.b")->path == "a.b");
    CHECK(read_column_source("json.a[0].b[12]")->path == "a.0.b.12");
    CHECK(read_column_source("json[3]")->path == "3");
    const auto field = read_column_source("row.meta.tags[0]");
    CHECK(field->kind == Kind::row);
    CHECK(field->field == "meta.tags[0]");
    CHECK(field->path == "meta.tags.0");
    CHECK(read_column_source("row.what? [old]")->field == "what? [old]");
}

TEST_CASE("A source that does not exist is refused with the words there are.", "[settings]") {
    for (const std::string wrong :
         {"",
          "txt",
          "json.",
          "json..a",
          "json.a[",
          "json.a[x]",
          "json.a[]",
          "json.a]",
          "jsona",
          "row",
          "row.",
          "row[0]",
          "text.a",
          "cost[1]"}) {
        INFO(wrong);
        const auto source = read_column_source(wrong);
        REQUIRE_FALSE(source.has_value());
        CHECK_THAT(source.error().what, Contains("finish_reason") && Contains("row.FIELD"));
    }
    CHECK_THAT(read_column_source("txt").error().what, Contains("did you mean"));
}
