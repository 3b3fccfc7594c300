#include "input/delimiter.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace skein::input;

namespace {

// `;5`: the delimiter, and the bytes that are skipped.
std::string begin_of(std::string_view text, char given = '\0', bool ended = true) {
    const auto begin = csv_begin(text, given, ended);
    return begin ? begin->delimiter + std::to_string(begin->skipped) : "more";
}

}  // namespace

TEST_CASE("the delimiter is the one that stands most often in the header line", "[input]") {
    CHECK(begin_of("id,q\n1;2;3;4,5\n") == ",0");
    CHECK(begin_of("id;q\n1,5;a,b,c\n") == ";0");
    CHECK(begin_of("id\tq, really\tx\n") == "\t0");
    CHECK(begin_of("id|q|x\n") == "|0");
    CHECK(begin_of("q\n") == ",0");
    CHECK(begin_of("") == ",0");
    CHECK(begin_of("\"a;b;c\",q\n") == ",0");     // Not within quotes.
    CHECK(begin_of("\"a\n;;;\",q;r\n") == ",0");  // Nor behind a line end within them.
    CHECK(begin_of("a;b,c\n") == ",0");           // As often: the comma comes first.
}

TEST_CASE("a line `sep=` names the delimiter and is skipped", "[input]") {
    CHECK(begin_of("sep=;\r\nid,q\r\n") == ";7");
    CHECK(begin_of("SEP=,\nid;q\n") == ",6");
    CHECK(begin_of("\"sep=|\"\nid\n") == "|8");
    CHECK(begin_of("sep=\t\rid\tq\r") == "\t6");
    CHECK(begin_of("sep=;;\nid;q\n") == ";0");  // A name like any other.
    CHECK(begin_of("separator,x\n") == ",0");
}

TEST_CASE(
    "a delimiter that is given is not doubted, and a line `sep=` is skipped all the same", "[input]"
) {
    CHECK(begin_of("id;q\n", ',') == ",0");
    CHECK(begin_of("sep=;\nid|q\n", '|') == "|6");
}

TEST_CASE("before the header line is whole, nothing is decided", "[input]") {
    for (const auto* text : {"", "id;q", "sep=;", "sep=;\r", "\"a\n"}) {
        CHECK(begin_of(text, '\0', false) == "more");
    }
    CHECK(begin_of("id;q\n", '\0', false) == ";0");
    CHECK(begin_of(std::string(64 * 1024, 'x'), '\0', false) == ",0");  // No header is longer.
}
