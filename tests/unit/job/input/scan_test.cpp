#include "job/input/scan.hpp"

#include "support/catch.hpp"
#include "unit/job/file/scratch.hpp"

#include <string>

using namespace skein;
using namespace skein::job;

namespace {

std::string why(const Expected<Scan, RunError>& scanned) {
    if (scanned) return {};
    CHECK(scanned.error().kind == RunError::Kind::config);
    return scanned.error().what;
}

}  // namespace

TEST_CASE("A scan counts the rows of an input and takes its fingerprint.", "[job]") {
    Scratch scratch;
    const auto result = scan({.file = scratch.put("in.jsonl", "{\"a\":1}\n\n{\"a\":1}\nbroken\n")});
    REQUIRE(ok(result));
    CHECK(result->rows == 3);
    CHECK(result->fingerprint.size == 24);
    CHECK(result->format == Input::Format::jsonl);
    const auto csv = scan({.file = scratch.put("in.csv", "a,b\n1,2\n")});
    REQUIRE(ok(csv));
    CHECK(csv->rows == 1);
    CHECK(csv->fields == std::vector<std::string>{"a", "b"});
    const auto empty = scan({.file = scratch.put("in.txt", "")});
    REQUIRE(ok(empty));
    CHECK(empty->rows == 0);
}

TEST_CASE("Two lines with the same custom_id are refused, and the message names both.", "[job]") {
    Scratch scratch;
    const auto jsonl = scratch.put("in.jsonl", R"({"custom_id":"a"}

{"custom_id":"b"}
{"x":"custom_id"}
{"custom_id":"\u0061"}
)");
    CHECK(why(scan({.file = jsonl})).starts_with("lines 1 and 5 of "));
    CHECK(why(scan({.file = jsonl})).find("`a`") != std::string::npos);
    const auto csv = scratch.put("in.csv", "custom_id,x\na,1\nb,1\nb,2\n");
    CHECK(why(scan({.file = csv})).starts_with("lines 2 and 3 of "));
}

TEST_CASE(
    "A duplicate custom_id is found even if the member name is written with escapes.", "[job]"
) {
    Scratch scratch;
    const auto file =
        scratch.put("in.jsonl", "{\"custom\\u005fid\":\"a\"}\n{\"custom_id\":\"a\"}\n");
    CHECK(!why(scan({.file = file})).empty());
}

TEST_CASE("A custom_id must not equal the name that skein gives a line without one.", "[job]") {
    Scratch scratch;
    CHECK(
        why(scan({.file = scratch.put("in.jsonl", "{\"custom_id\":\"line-2\"}\n{}\n")}))
            .find("`line-2`") != std::string::npos
    );
    CHECK(why(scan({.file = scratch.put("in.jsonl", "{\"custom_id\":\"line-1\"}\n{}\n")})).empty());
}

TEST_CASE("Unusable lines and ids that are null or lists are no duplicates.", "[job]") {
    Scratch scratch;
    const auto file = scratch.put(
        "in.jsonl",
        "{\"custom_id\":\"a\"}\n{\"custom_id\":\"a\"\n{\"custom_id\":null}\n{\"custom_id\":null}\n"
        "{\"custom_id\":[1]}\n{\"custom_id\":[1]}\n"
    );
    CHECK(why(scan({.file = file})).empty());
    const auto text = scratch.put("in.txt", "same\nsame\n");
    CHECK(why(scan({.file = text})).empty());
}

TEST_CASE("One duplicate among 20,000 ids is found, and different ids are accepted.", "[job]") {
    Scratch scratch;
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += "{\"custom_id\":\"id-" + std::to_string(i) + "\"}\n";
    CHECK(why(scan({.file = scratch.put("in.jsonl", lines)})).empty());
    lines += "{\"custom_id\":\"id-777\"}\n";
    CHECK(why(scan({.file = scratch.put("in.jsonl", lines)})).starts_with("lines 778 and 20001 "));
}

TEST_CASE("A scan ends with an error when it is interrupted.", "[job]") {
    Scratch scratch;
    Interrupt interrupt;
    interrupt.raise();
    const auto result = scan({.file = scratch.put("in.jsonl", "{}\n")}, &interrupt);
    REQUIRE(!result);
    CHECK(result.error().kind == RunError::Kind::stopped);
}

TEST_CASE("A number is an id as it is written, and a second row with it is a duplicate.", "[job]") {
    Scratch scratch;
    const auto ids = [&](const std::string& lines) {
        return why(scan({.file = scratch.put("in.jsonl", lines)}));
    };
    CHECK(ids("{\"custom_id\":17}\n{\"custom_id\":18}\n").empty());
    CHECK(ids("{\"custom_id\":17}\n{\"custom_id\":\"17\"}\n").find("`17`") != std::string::npos);
}

TEST_CASE(
    "Two lines with the same value of the input.id field are refused, and the field is named.",
    "[job]"
) {
    Scratch scratch;
    const auto file = scratch.put(
        "in.jsonl",
        "{\"doc\":{\"id\":1},\"custom_id\":\"a\"}\n{\"doc\":{\"id\":1},\"custom_id\":\"b\"}\n"
    );
    CHECK(why(scan({.file = file})).empty());
    const auto said = why(scan({.file = file, .id = "doc.id"}));
    CHECK(said.find("have the same doc.id `1`") != std::string::npos);
    CHECK(said.find("input.id another field") != std::string::npos);
}

TEST_CASE(
    "A scan refuses invalid bytes in CSV and text, and only counts them in JSON rows.", "[job]"
) {
    Scratch scratch;
    const auto csv = scratch.put("in.csv", "a\n1\ncaf\xE9\n");
    CHECK(why(scan({.file = csv})).starts_with(csv + ":3:4: the byte 0xE9 is not UTF-8"));
    const auto text =
        scratch.put("in.txt", std::string{"one\ntw\0o\n", 9} + std::string(5000, 'x'));
    CHECK(why(scan({.file = text})).find("0x00") != std::string::npos);
    const auto json = scratch.put("in.jsonl", "{\"a\":\"caf\xE9\"}\n{}\n{\"a\":\"\xE9\"}\n");
    const auto counted = scan({.file = json});
    REQUIRE(ok(counted));
    CHECK(counted->rows == 3);
    CHECK(counted->unreadable == 2);
    CHECK(counted->first_unreadable.starts_with(json + ":1:10: the byte 0xE9 is not UTF-8"));
}

TEST_CASE("A scan reports the format of the file and the number of blank lines.", "[job]") {
    Scratch scratch;
    const auto result = scan({.file = scratch.put("in.csv", "a;b\n\n1;2\n")});
    REQUIRE(ok(result));
    CHECK(result->what == "csv, cut at ';'");
    CHECK(result->blank_lines == 1);
}
