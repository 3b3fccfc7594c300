#include "job/input/row_fields.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace skein;
using namespace skein::job;

namespace {

std::string id_of(std::string_view row, std::string_view field = usual_id) {
    json::Object object;
    REQUIRE(!object.parse(row));
    return own_id(object, field).value_or("none");
}

std::string kept(std::string_view row, const Keep& keep) {
    json::Object object;
    REQUIRE(!object.parse(row));
    return kept_fields(keep, object, row);
}

}  // namespace

TEST_CASE("An id is a text, or a number or boolean as it is written.", "[job]") {
    CHECK(id_of(R"({"custom_id":"a\n"})") == "a\n");
    CHECK(id_of(R"({"custom_id":17})") == "17");
    CHECK(id_of(R"({"custom_id":1.50e3})") == "1.50e3");
    CHECK(id_of(R"({"custom_id":true})") == "true");
    CHECK(id_of(R"({"meta":{"id":17}})", "meta.id") == "17");
    CHECK(id_of(R"({"meta.id":1,"meta":{"id":17}})", "meta.id") == "1");
    for (const auto* row :
         {R"({})",
          R"({"custom_id":null})",
          R"({"custom_id":""})",
          R"({"custom_id":[1]})",
          R"({"custom_id":{"a":1}})"}) {
        CHECK(id_of(row) == "none");
    }
}

TEST_CASE("Kept fields have the order and the spelling of the row.", "[job]") {
    const auto* row = R"({"b": 1.0, "q":"x","a":{"z":  12345678901234567890}})";
    CHECK(kept(row, {.fields = {"a", "b"}}) == R"({"b":1.0,"a":{"z":  12345678901234567890}})");
    CHECK(kept(row, {.all = true}) == row);
    CHECK(kept(row, {.fields = {"none"}}) == "{}");
    CHECK(kept(row, {}).empty());
}

TEST_CASE("Kept fields are one line, even if the row spans several.", "[job]") {
    const auto* row = " {\"a\":\n [1,\r\n 2],\"b\":\"\xE2\x80\xA8\"} ";
    CHECK(kept(row, {.all = true}) == R"({"a":[1,2],"b":"\u2028"})");
    CHECK(kept(row, {.fields = {"a"}}) == R"({"a":[1,2]})");
}

TEST_CASE("An unknown field is refused in advance if all rows have the same fields.", "[job]") {
    const std::vector<std::string> fields{"id", "q"};
    Job job;
    CHECK(!check_row_fields(job, fields));
    job.input.id = "id";
    job.output.keep.fields = {"q"};
    CHECK(!check_row_fields(job, fields));
    job.input.id = "doc";
    CHECK(
        check_row_fields(job, fields)->text().find("no field `doc`; it has: id, q") !=
        std::string::npos
    );
    job.input.id = "id";
    job.output.keep.fields = {"q", "x"};
    CHECK(
        check_row_fields(job, fields)->text().find("output.keep: the input has no field `x`") !=
        std::string::npos
    );
}
