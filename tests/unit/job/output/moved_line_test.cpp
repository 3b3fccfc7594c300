#include "job/output/moved_line.hpp"

#include "support/catch.hpp"

using namespace skein::job;

namespace {

std::string line(const std::string& number, const std::string& id) {
    return R"({"id":"skein-)" + number + R"(","custom_id":")" + id +
           R"(","response":{"body":{"skein":{"seq":1},"text":",\"skein\":{\"seq\":3"}},"skein":{"seq":)" +
           number + R"(,"attempts":1}})";
}

}  // namespace

TEST_CASE("The output line of a moved row has the new line number.", "[job]") {
    CHECK(moved_line(line("3", "line-3"), {12, "line-12"}) == line("12", "line-12"));
    CHECK(moved_line(line("3", "line-3"), {3, "line-3"}) == line("3", "line-3"));
}

TEST_CASE("A moved row keeps its own id, even one that looks like a line name.", "[job]") {
    CHECK(moved_line(line("3", "mine"), {12, "mine"}) == line("12", "mine"));
    CHECK(moved_line(line("3", "line-3"), {12, "line-3"}) == line("12", "line-3"));
}

TEST_CASE("A journaled line in a foreign format is returned unchanged.", "[job]") {
    for (const std::string odd :
         {"", "{", "{}", R"({"id":1,"custom_id":2})", R"({"id":"a","custom_id":"b","skein":7})"}) {
        CHECK(moved_line(odd, {12, "line-12"}) == odd);
    }
}
