#include "job/input/input_name.hpp"

#include "support/catch.hpp"

using namespace skein;
using namespace skein::job;
using Format = Input::Format;

TEST_CASE(
    "The name of an input gives its format, even with a compression suffix after it.", "[job]"
) {
    CHECK(format_by_name("a.csv") == Format::csv);
    CHECK(format_by_name("a.CSV.GZ") == Format::csv);
    CHECK(format_by_name("a.tsv.zst") == Format::csv);
    CHECK(format_by_name("a.txt.gz") == Format::text);
    CHECK(format_by_name("a.jsonl.gz") == Format::automatic);
    CHECK(format_by_name(".csv") == Format::automatic);
    CHECK(format_by_name("-") == Format::automatic);
    CHECK(delimiter_by_name("a.tsv.gz") == '\t');
    CHECK(delimiter_by_name("a.csv") == '\0');
    CHECK(is_json_lines_name("a.ndjson.gz"));
    CHECK(!is_json_lines_name("a.json"));
    CHECK(unpacked_name("a.json.zstd") == "a.json");
}

TEST_CASE("A delimiter in a message is quoted, and a tab is named.", "[job]") {
    CHECK(delimiter_shown(';') == "';'");
    CHECK(delimiter_shown('\t') == "tab");
}
