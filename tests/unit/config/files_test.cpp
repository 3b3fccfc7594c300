#include "support/catch.hpp"
#include "unit/config/config_support.hpp"
#include "unit/config/slips.hpp"

#include <skein/job.hpp>

#include <string>

using namespace skein;
using namespace skein::test;

namespace {

Job with_input(const std::string& line) {
    const auto* file = "  file: prompts.jsonl\n";
    auto job = parse_job(least_job_with(file, file + ("  " + line + "\n")), "job.yaml");
    INFO((job.has_error() ? job.error().text() : std::string{}));
    REQUIRE(job.has_value());
    return *std::move(job);
}

Job with_output(const std::string& line) {
    const auto* file = "  file: replies.jsonl\n";
    auto job = parse_job(least_job_with(file, file + ("  " + line + "\n")), "job.yaml");
    INFO((job.has_error() ? job.error().text() : std::string{}));
    REQUIRE(job.has_value());
    return *std::move(job);
}

}  // namespace

TEST_CASE("The keys of the section input are stored in the job.", "[config]") {
    CHECK(with_input("encoding: Windows-1252").input.encoding == "Windows-1252");
    CHECK(with_input("delimiter: \";\"").input.delimiter == ';');
    CHECK(with_input("delimiter: tab").input.delimiter == '\t');
    CHECK(with_input("delimiter: \"\\t\"").input.delimiter == '\t');
    CHECK(with_input("delimiter: '\\t'").input.delimiter == '\t');
    CHECK(with_input("delimiter: \"|\"").input.delimiter == '|');
    CHECK(with_input("delimiter: auto").input.delimiter == '\0');
    CHECK(with_input("id: meta.id").input.id == "meta.id");
    CHECK(with_input("id: custom_id").input.id.empty());
    CHECK(with_input("blank: ask").input.blank == Input::Blank::ask);
    CHECK(with_input("format: json").input.format == Input::Format::json);
}

TEST_CASE("The setting keep is all, or a list of fields.", "[config]") {
    CHECK(with_output("keep: all").output.keep.all);
    CHECK(
        with_output("keep: [id, \"all\"]").output.keep.fields ==
        std::vector<std::string>{"id", "all"}
    );
    CHECK(!with_output("keep: []").output.keep.any());
    CHECK(!with_output("timings: true").output.keep.any());
}

TEST_CASE(
    "An invalid encoding, delimiter or list of fields is refused with the rule.", "[config]"
) {
    const std::string file = "  file: prompts.jsonl\n";
    const std::string encoding =
        "7:13: encoding must be an encoding such as utf-8, utf-16le, latin1 or windows-1252 (iconv "
        "-l "
        "lists all), not ";
    const std::string delimiter =
        "7:14: delimiter must be auto, tab, or one character like \";\" or \"|\", not ";
    const std::string keep = "9:9: keep must be all, or a list of fields like [id, key], not ";
    check_all({
        changed(file, file + "  encoding: utf-9\n", encoding + "utf-9"),
        changed(file, file + "  encoding: latin1//IGNORE\n", encoding + "latin1//IGNORE"),
        changed(file, file + "  delimiter: semicolon\n", delimiter + "semicolon"),
        changed(file, file + "  delimiter: a\n", delimiter + "a"),
        changed(file, file + "  delimiter: 1\n", delimiter + "1"),
        changed("  file: replies.jsonl\n", "  file: x\n  keep: some\n", keep + "some"),
        changed("  file: replies.jsonl\n", "  file: x\n  keep: {a: b}\n", keep + "a mapping"),
    });
}
