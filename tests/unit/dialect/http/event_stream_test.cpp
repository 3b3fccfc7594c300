#include "base/random.hpp"
#include "unit/dialect/http/read_events.hpp"

using namespace skein;
using namespace skein::test;
using namespace std::string_literals;

namespace {

struct Row {
    std::string title;
    std::string bytes;
    Gots expected;
};

const std::vector<Row> rules{
    {"an event is a data line and a blank line", "data: hello\n\n", {{.data = "hello"}}},
    {"lines may end in CR", "data: a\r\rdata: b\r\r", {{.data = "a"}, {.data = "b"}}},
    {"lines may end in CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", {{.data = "a"}, {.data = "b"}}},
    {"line ends may be mixed", "data: a\r\ndata: b\rdata: c\n\r\n", {{.data = "a\nb\nc"}}},
    {"two line feeds after a CR are a line end and a blank line",
     "data: a\r\n\ndata: b\n\n",
     {{.data = "a"}, {.data = "b"}}},
    {"one byte order mark is taken off",
     "\xEF\xBB\xBF"
     "data: a\n\n",
     {{.data = "a"}}},
    {"a second one belongs to the name of the first field",
     "\xEF\xBB\xBF\xEF\xBB\xBF"
     "data: a\n\ndata: b\n\n",
     {{.data = "b"}}},
    {"one in the middle is no mark",
     "data: a\n\n\xEF\xBB\xBF"
     "data: b\n\n",
     {{.data = "a"}}},
    {"the mark of UTF-16 is not one",
     "\xFE\xFF"
     "data: a\n\ndata: b\n\n",
     {{.data = "b"}}},
    {"half a mark is not one",
     "\xEF\xBB"
     "data: a\n\ndata: b\n\n",
     {{.data = "b"}}},
    {"data lines are joined by line feeds", "data: a\ndata: b\n\n", {{.data = "a\nb"}}},
    {"one space after the colon is taken off",
     "data:  a\n\ndata:b\n\n",
     {{.data = " a"}, {.data = "b"}}},
    {"a tab is not a space", "data:\ta\n\n", {{.data = "\ta"}}},
    {"a space before the colon belongs to the name", "data : a\n\n", {}},
    {"colons in the value stay", "data: a:b: c\n\n", {{.data = "a:b: c"}}},
    {"a name without a colon has an empty value", "data\n\n", {{.data = ""}}},
    {"two of them are two empty lines", "data\ndata\n\n", {{.data = "\n"}}},
    {"empty data is an event", "data:\n\n", {{.data = ""}}},
    {"no data is no event", "event: x\n\nid: 1\n\n\n\n", {}},
    {"the type of an event without data is forgotten", "event: x\n\ndata: a\n\n", {{.data = "a"}}},
    {"a type names the event", "event: ping\ndata: a\n\n", {{.type = "ping", .data = "a"}}},
    {"an empty type is the usual one", "event: x\nevent:\ndata: a\n\n", {{.data = "a"}}},
    {"the last type counts", "event: x\nevent: y\ndata: a\n\n", {{.type = "y", .data = "a"}}},
    {"a type is for one event",
     "event: x\ndata: a\n\ndata: b\n\n",
     {{.type = "x", .data = "a"}, {.data = "b"}}},
    {"names are exact", "Data: a\nDATA: b\n data: c\ndatas: d\n\n", {}},
    {"unknown fields are read over", "foo: 1\ndata: a\nbar\n\n", {{.data = "a"}}},
    {"comments are read over", ": hi\n:\n:data: x\ndata: a\n:\n\n", {{.data = "a"}}},
    {"comments alone are no event", ": ping\n\n: ping\n\n", {}},
    {"an id is read over, with or without NUL", "id: 1\nid: a\0b\ndata: a\n\n"s, {{.data = "a"}}},
    {"a bogus retry is read over", "retry: 3000\nretry: 1x\nretry\ndata: a\n\n", {{.data = "a"}}},
    {"NUL in data stays", "data: a\0b\n\n"s, {{.data = "a\0b"s}}},
    {"what no blank line ends is discarded", "data: a\n\ndata: b\n", {{.data = "a"}}},
    {"so is half a line", "data: a\n\ndata: b", {{.data = "a"}}},
    {"so is an event without its blank line", "data: a\r\n", {}},
    {"a failure of llama-server is an event",
     "error: {\"code\":500}\n\n",
     {{.error = "{\"code\":500}"}}},
    {"a failure and data make one event", "error: x\ndata: y\n\n", {{.data = "y", .error = "x"}}},
    {"an empty stream has no events", "", {}},
    {"nor has one of blank lines", "\n\n\r\n\r\r\n", {}},
};

// About 2 kB with everything in it that could be cut.
std::string a_stream_with_everything() {
    std::string bytes = "\xEF\xBB\xBF: welcome\r\n\r\n";
    for (int i = 0; i < 14; ++i) {
        bytes +=
            "data: {\"n\":" + std::to_string(i) + ",\"text\":\"Gänse → \xF0\x9F\xAA\xBF\"}\n\n";
        bytes += "event: step\r\ndata: one\r\ndata:\r\ndata: three\r\n\r\n: ping\r\r";
        bytes += "id: 7\rdata\rerror: {}\r\revent:\ndata:  two spaces\n\n";
    }
    return bytes + "data: [DONE]\n\n";
}

}  // namespace

TEST_CASE("Every rule of the event stream standard holds, however the stream is cut.", "[stream]") {
    for (const auto& row : rules) {
        INFO(row.title);
        CHECK(at_once(row.bytes) == row.expected);
        CHECK(byte_by_byte(row.bytes) == row.expected);
        for (std::size_t cut = 0; cut <= row.bytes.size(); ++cut) {
            CHECK(in_two(row.bytes, cut) == row.expected);
        }
    }
}

TEST_CASE("An event stream cut in two at any byte gives the same events.", "[stream]") {
    const auto bytes = a_stream_with_everything();
    const auto expected = at_once(bytes);
    REQUIRE(bytes.size() > 1900);
    REQUIRE(expected.size() == 14 * 4 + 1);
    CHECK(expected.front().data == R"({"n":0,"text":"Gänse → 🪿"})");
    CHECK(expected.back().data == "[DONE]");
    CHECK(byte_by_byte(bytes) == expected);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        INFO("cut at " << cut);
        REQUIRE(in_two(bytes, cut) == expected);
    }
}

TEST_CASE("An event stream cut at random gives the same events.", "[stream]") {
    const auto bytes = a_stream_with_everything();
    const auto expected = at_once(bytes);
    SplitMix random{7};
    for (int round = 0; round < 500; ++round) {
        Reader reader;
        for (std::size_t at = 0; at < bytes.size();) {
            const auto length = 1 + random() % 40;
            reader.feed(std::string_view{bytes}.substr(at, length));
            at += length;
        }
        REQUIRE(reader.got == expected);
    }
}

TEST_CASE("Random bytes give the same events however they are cut.", "[stream]") {
    constexpr std::string_view letters = "data: evntro\r\n\r\n\r\n:\0\xEF\xBB\xBF";
    SplitMix random{11};
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 200, ' ');
        for (char& c : bytes) c = letters[random() % letters.size()];
        REQUIRE(byte_by_byte(bytes) == at_once(bytes));
    }
}

TEST_CASE("An event is complete with the first byte of its blank line.", "[stream]") {
    Reader reader;
    reader.feed("data: a\r\n\r");
    CHECK(reader.got == Gots{{.data = "a"}});
    reader.feed("\ndata: b\r\n\r\n");
    CHECK(reader.got == Gots{{.data = "a"}, {.data = "b"}});
}

TEST_CASE("A line of the maximum length passes; one byte more ends the event stream.", "[stream]") {
    const ReadLimits limits{.line = 16};
    const std::string fits = "data: 0123456789";
    for (const std::size_t step : {1u, 7u, 100u}) {
        Reader reader{limits};
        const auto bytes = fits + "\n\n" + fits + "x\n\ndata: c\n\n";
        auto status = EventStream::Status::good;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            status = reader.feed(std::string_view{bytes}.substr(at, step));
        }
        CHECK(status == EventStream::Status::line_too_long);
        CHECK(reader.got == Gots{{.data = "0123456789"}});
        CHECK(reader.feed("\n\ndata: d\n\n") == EventStream::Status::line_too_long);
        CHECK(reader.got.size() == 1);
    }
}

TEST_CASE("A line without an end is given up at the limit and not kept in memory.", "[stream]") {
    Reader reader{{.line = 1000}};
    auto status = EventStream::Status::good;
    int fed = 0;
    while (status == EventStream::Status::good && fed < 100) {
        status = reader.feed(std::string(100, 'x'));
        ++fed;
    }
    CHECK(fed == 11);
}

TEST_CASE("An event of many short lines is bounded by the event limit.", "[stream]") {
    for (const std::string field : {"data", "error"}) {
        Reader reader{{.event = 100}};
        auto status = EventStream::Status::good;
        for (int i = 0; i < 30; ++i) status = reader.feed(field + ": 0123456789\n");
        CHECK(status == EventStream::Status::event_too_large);
        CHECK(reader.got.empty());
    }
}

TEST_CASE("Ten megabytes in pieces of one byte take linear time.", "[stream]") {
    const std::string line = "data: " + std::string(10'000'000, 'x') + "\n\n";
    Reader reader{{.line = 20'000'000, .event = 20'000'000}};
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < line.size(); ++i) {
        reader.feed(std::string_view{line}.substr(i, 1));
    }
    const auto took = std::chrono::steady_clock::now() - began;
    REQUIRE(reader.got.size() == 1);
    CHECK(reader.got[0].data.size() == 10'000'000);
    CHECK(took < std::chrono::seconds{20});  // Sanitized and on a busy machine; else well below 1.
}
