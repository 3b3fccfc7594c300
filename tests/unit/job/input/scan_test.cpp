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

TEST_CASE("a scan counts the rows and takes the fingerprint", "[job]") {
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

TEST_CASE("two lines of one custom_id are refused, both named", "[job]") {
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

TEST_CASE("an escaped custom_id member is seen like any other", "[job]") {
    Scratch scratch;
    const auto file =
        scratch.put("in.jsonl", "{\"custom\\u005fid\":\"a\"}\n{\"custom_id\":\"a\"}\n");
    CHECK(!why(scan({.file = file})).empty());
}

TEST_CASE("a custom_id may not be the name that another line gets for want of one", "[job]") {
    Scratch scratch;
    CHECK(
        why(scan({.file = scratch.put("in.jsonl", "{\"custom_id\":\"line-2\"}\n{}\n")}))
            .find("`line-2`") != std::string::npos
    );
    CHECK(why(scan({.file = scratch.put("in.jsonl", "{\"custom_id\":\"line-1\"}\n{}\n")})).empty());
}

TEST_CASE("lines that cannot be used, and ids that are null or lists, are no duplicates", "[job]") {
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

TEST_CASE("many ids without a duplicate are no duplicate", "[job]") {
    Scratch scratch;
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += "{\"custom_id\":\"id-" + std::to_string(i) + "\"}\n";
    CHECK(why(scan({.file = scratch.put("in.jsonl", lines)})).empty());
    lines += "{\"custom_id\":\"id-777\"}\n";
    CHECK(why(scan({.file = scratch.put("in.jsonl", lines)})).starts_with("lines 778 and 20001 "));
}

TEST_CASE("a scan can be interrupted", "[job]") {
    Scratch scratch;
    Interrupt interrupt;
    interrupt.raise();
    const auto result = scan({.file = scratch.put("in.jsonl", "{}\n")}, &interrupt);
    REQUIRE(!result);
    CHECK(result.error().kind == RunError::Kind::stopped);
}

TEST_CASE("a number is an id as it is written, and may come once", "[job]") {
    Scratch scratch;
    const auto ids = [&](const std::string& lines) {
        return why(scan({.file = scratch.put("in.jsonl", lines)}));
    };
    CHECK(ids("{\"custom_id\":17}\n{\"custom_id\":18}\n").empty());
    CHECK(ids("{\"custom_id\":17}\n{\"custom_id\":\"17\"}\n").find("`17`") != std::string::npos);
}

TEST_CASE("two lines of one name by input.id are refused, with the field", "[job]") {
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
    "a scan refuses CSV and text that is no text, and counts rows of JSON that are not", "[job]"
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

TEST_CASE("a scan says what the file is, and how many lines are blank", "[job]") {
    Scratch scratch;
    const auto result = scan({.file = scratch.put("in.csv", "a;b\n\n1;2\n")});
    REQUIRE(ok(result));
    CHECK(result->what == "csv, cut at ';'");
    CHECK(result->blank_lines == 1);
}
