#include "input/delimiter.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace skein::input;

namespace {

// `;5`: the delimiter, and the number of skipped bytes.
std::string begin_of(std::string_view text, char given = '\0', bool ended = true) {
    const auto begin = csv_begin(text, given, ended);
    return begin ? begin->delimiter + std::to_string(begin->skipped) : "more";
}

}  // namespace

TEST_CASE("The CSV delimiter is the most frequent candidate in the header line.", "[input]") {
    CHECK(begin_of("id,q\n1;2;3;4,5\n") == ",0");
    CHECK(begin_of("id;q\n1,5;a,b,c\n") == ";0");
    CHECK(begin_of("id\tq, really\tx\n") == "\t0");
    CHECK(begin_of("id|q|x\n") == "|0");
    CHECK(begin_of("q\n") == ",0");
    CHECK(begin_of("") == ",0");
    CHECK(begin_of("\"a;b;c\",q\n") == ",0");     // Quoted delimiters do not count.
    CHECK(begin_of("\"a\n;;;\",q;r\n") == ",0");  // A quoted line end does not end the header.
    CHECK(begin_of("a;b,c\n") == ",0");           // A tie: the comma wins.
}

TEST_CASE("A line `sep=` names the CSV delimiter and is skipped.", "[input]") {
    CHECK(begin_of("sep=;\r\nid,q\r\n") == ";7");
    CHECK(begin_of("SEP=,\nid;q\n") == ",6");
    CHECK(begin_of("\"sep=|\"\nid\n") == "|8");
    CHECK(begin_of("sep=\t\rid\tq\r") == "\t6");
    CHECK(begin_of("sep=;;\nid;q\n") == ";0");  // An ordinary header, no `sep=` line.
    CHECK(begin_of("separator,x\n") == ",0");
}

TEST_CASE("A given CSV delimiter wins over a line `sep=`, which is still skipped.", "[input]") {
    CHECK(begin_of("id;q\n", ',') == ",0");
    CHECK(begin_of("sep=;\nid|q\n", '|') == "|6");
}

TEST_CASE("The CSV delimiter is not decided before the header line is complete.", "[input]") {
    for (const auto* text : {"", "id;q", "sep=;", "sep=;\r", "\"a\n"}) {
        CHECK(begin_of(text, '\0', false) == "more");
    }
    CHECK(begin_of("id;q\n", '\0', false) == ";0");
    CHECK(begin_of(std::string(64 * 1024, 'x'), '\0', false) == ",0");  // The maximum header.
}
