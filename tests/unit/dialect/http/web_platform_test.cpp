// The cases that browsers are tested with (web-platform-tests, eventsource), in words of our own:
// what is sent, and the events that must come of it. Their `id` and `retry` we read over.
#include "unit/dialect/http/read_events.hpp"

using namespace skein;
using namespace skein::test;
using namespace std::string_literals;

namespace {

struct Row {
    std::string title;  // Theirs.
    std::string bytes;
    std::vector<std::string> data;
};

const std::string mark = "\xEF\xBB\xBF";
const std::string comment = ':' + std::string(2048, 'x');

const std::vector<Row> rows{
    {"format-bom", mark + "data:1\n\n" + mark + "data:2\n\ndata:3\n\n", {"1", "3"}},
    {"format-bom-2", mark + mark + "data:1\n\ndata:2\n\ndata:3\n\n", {"2", "3"}},
    {"format-bom-utf-16",
     "\xFE\xFF"
     "data:1\n\ndata:2\n\ndata:3\n\n",
     {"2", "3"}},
    {"format-comments",
     "data:1\r:\0\n:\r\ndata:2\n"s + comment + "\rdata:3\n:data:fail\r" + comment + "\ndata:4\n\n",
     {"1\n2\n3\n4"}},
    {"format-data-before-final-empty-line", "retry:1000\ndata:1\n\nid:test\ndata:2", {"1"}},
    {"format-field-data", "data:\n\ndata\ndata\n\ndata:test\n\n", {"", "\n", "test"}},
    {"format-field-id", "id:1\ndata:1\n\nid\ndata:2\n\n", {"1", "2"}},
    {"format-field-id-null", "id:a\0b\ndata:x\n\n"s, {"x"}},
    {"format-field-parsing",
     "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n "
     "data:32\ndata:4\n\n"s,
     {"\0\n 2\n1\n3\n\n4"s}},
    {"format-field-retry", "retry:03000\ndata:x\n\n", {"x"}},
    {"format-field-retry-bogus", "retry:3000\nretry:1000x\ndata:x\n\n", {"x"}},
    {"format-field-retry-empty", "retry\ndata:test\n\n", {"test"}},
    {"format-field-unknown",
     "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:a comment\n: another\ndata:test\n\n",
     {"test\n\ntest"}},
    {"format-leading-space", "data:\ttest\rdata: \ndata:test\n\n", {"\ttest\n\ntest"}},
    {"format-newlines", "data:test\r\ndata\ndata:test\r\n\r\n", {"test\n\ntest"}},
    {"format-null-character", "data:\0\n\n\n\n"s, {"\0"s}},
    {"format-utf-8", "data:ok…\n\n", {"ok…"}},
    {"event-data",
     "data:msg\ndata:msg\n\n:\nfalsefield:msg\n\nfalsefield:msg\nData:data\n\ndata\n\ndata:end\n\n",
     {"msg\nmsg", "", "end"}},
};

std::vector<std::string> data_of(const Gots& events) {
    std::vector<std::string> data;
    for (const auto& event : events) {
        CHECK(event.type == "message");
        data.push_back(event.data);
    }
    return data;
}

}  // namespace

TEST_CASE(
    "The event streams of the Web Platform Tests parse as in browsers, cut anywhere.", "[stream]"
) {
    for (const auto& row : rows) {
        INFO(row.title);
        CHECK(data_of(at_once(row.bytes)) == row.data);
        CHECK(byte_by_byte(row.bytes) == at_once(row.bytes));
        const auto step = 1 + row.bytes.size() / 200;
        for (std::size_t cut = 0; cut <= row.bytes.size(); cut += step) {
            REQUIRE(in_two(row.bytes, cut) == at_once(row.bytes));
        }
    }
}

TEST_CASE(
    "An event type applies to its own event only, as in the Web Platform Tests.", "[stream]"
) {
    CHECK(
        at_once("event:test\ndata:x\n\ndata:x\n\n") ==
        Gots{{.type = "test", .data = "x"}, {.data = "x"}}
    );
    CHECK(at_once("event: \ndata:data\n\n") == Gots{{.data = "data"}});
    CHECK(at_once("event:a\nevent:b\nevent:c\ndata:x\n\n") == Gots{{.type = "c", .data = "x"}});
}
