#include "job/input/source.hpp"

#include "support/catch.hpp"
#include "unit/job/file/scratch.hpp"

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace skein;
using namespace skein::job;
using Format = Input::Format;

namespace {

struct Seen {
    Format format = Format::automatic;
    std::vector<std::string> fields{};
    std::vector<std::string> rows{};  // `line:bytes`, or `line!problem`.
    std::string error{};

    bool operator==(const Seen&) const = default;
};

Seen read(const Input& input, std::size_t max_length = Source::max_row) {
    Seen seen;
    auto source = Source::open(input, nullptr, max_length);
    if (!source) return {.error = source.error().what};
    for (;;) {
        const auto row = source->next();
        if (!row) {
            seen.error = row.error().what;
            break;
        }
        if (!*row) break;
        seen.rows.push_back(
            std::to_string((*row)->line) +
            ((*row)->problem.empty() ? ":" + std::string{(*row)->bytes} : "!" + (*row)->problem)
        );
    }
    seen.format = source->format();
    seen.fields = source->fields();
    return seen;
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("Blank lines of an input are counted and left out.", "[job]") {
    Scratch scratch;
    const auto file = scratch.put("in.jsonl", "\n{\"a\":1}\n  \t\n\r\n{\"a\":2}\n\n");
    const auto seen = read({.file = file});
    CHECK(seen.format == Format::jsonl);
    CHECK(seen.rows == Rows{"2:{\"a\":1}", "5:{\"a\":2}"});
}

TEST_CASE("An input may have a byte order mark, CRLF line ends, and no final line end.", "[job]") {
    Scratch scratch;
    const auto file = scratch.put("in.jsonl", "\xEF\xBB\xBF{\"a\":1}\r\n{\"a\":2}\r\n{\"a\":3}");
    const auto seen = read({.file = file});
    CHECK(seen.format == Format::jsonl);
    CHECK(seen.rows == Rows{"1:{\"a\":1}", "2:{\"a\":2}", "3:{\"a\":3}"});
}

TEST_CASE("The format of an input is detected by its name or by its first line.", "[job]") {
    Scratch scratch;
    const auto format = [&](const std::string& name, const std::string& text) {
        return read({.file = scratch.put(name, text)}).format;
    };
    CHECK(format("a.csv", "a,b\n1,2\n") == Format::csv);
    CHECK(format("a.CSV", "a,b\n1,2\n") == Format::csv);
    CHECK(format("a.txt", "{\"a\":1}\n") == Format::text);
    CHECK(
        format("a.jsonl", "\n{\"custom_id\":\"x\",\"url\":\"/v1\",\"body\":{}}\n") ==
        Format::openai_batch
    );
    CHECK(format("a.jsonl", "{\"custom_id\":\"x\",\"body\":{}}\n") == Format::mistral_batch);
    CHECK(format("a.jsonl", "{\"params\":{\"messages\":[]}}\n") == Format::anthropic_batch);
    CHECK(format("a.data", "{\"key\":1,\"request\":{\"contents\":[]}}\n") == Format::gemini_batch);
    CHECK(format("a.jsonl", "{\"body\":\"text\"}\n") == Format::jsonl);
    CHECK(format("a.jsonl", "  {\"a\":1}\n") == Format::jsonl);
    CHECK(format("a.data", "  {\"a\":1}\n") == Format::jsonl);
    CHECK(format("a.data", "what is a prime?\n") == Format::text);
    CHECK(format("a.jsonl", "what is a prime?\n") == Format::jsonl);  // Its rows must fail.
    CHECK(format("a.jsonl", "") == Format::jsonl);
    CHECK(format("a.jsonl", "{\"a\":\n") == Format::jsonl);
}

TEST_CASE("An explicit input format is used without detection.", "[job]") {
    Scratch scratch;
    const auto file = scratch.put("in.jsonl", "{\"a\":1}\n");
    CHECK(read({.file = file, .format = Format::text}).rows == Rows{R"(1:{"text":"{\"a\":1}"})"});
}

TEST_CASE("A line of a text input becomes an object with the field `text`.", "[job]") {
    Scratch scratch;
    const auto file = scratch.put("in.txt", "say \"hi\"\r\n\n\xC3\xA9\tz\n");
    const auto seen = read({.file = file});
    CHECK(seen.fields == std::vector<std::string>{"text"});
    CHECK(seen.rows == Rows{R"(1:{"text":"say \"hi\""})", "3:{\"text\":\"\xC3\xA9\\tz\"}"});
}

TEST_CASE("CSV fields may quote commas, quotes and line ends, and keep their spaces.", "[job]") {
    Scratch scratch;
    const auto file = scratch.put(
        "in.csv",
        "\xEF\xBB\xBF\"na,me\",text\r\n a ,\"say \"\"hi\"\"\"\r\n\r\nb,\"two\r\nlines\n\n\"\r\nc,"
    );
    const auto seen = read({.file = file});
    CHECK(seen.fields == std::vector<std::string>{"na,me", "text"});
    CHECK(
        seen.rows ==
        Rows{
            R"(1:{"na,me":" a ","text":"say \"hi\""})",
            R"(2:{"na,me":"b","text":"two\r\nlines\n\n"})",
            R"(3:{"na,me":"c","text":""})",
        }
    );
}

TEST_CASE("A CSV record with too few or too many fields fails alone.", "[job]") {
    Scratch scratch;
    const auto file = scratch.put("in.csv", "a,b\n1\n1,2\n1,2,3\n\"\",\n");
    CHECK(
        read({.file = file}).rows ==
        Rows{
            "1!" + file + ":2: it has 1 fields where the first line names 2",
            R"(2:{"a":"1","b":"2"})",
            "3!" + file + ":4: it has 3 fields where the first line names 2",
            R"(4:{"a":"","b":""})",
        }
    );
}

TEST_CASE("A CSV quote that is never closed makes its record fail.", "[job]") {
    Scratch scratch;
    CHECK(
        read({.file = scratch.put("in.csv", "a,b\n1,2\n3,\"four\n5,6\n")}).rows ==
        Rows{
            R"(1:{"a":"1","b":"2"})",
            "2!" + scratch.path("in.csv") + ":3: a quote is opened and never closed",
        }
    );
    CHECK(
        read({.file = scratch.put("in.csv", "a,b\n3,\"four\"")}).rows ==
        Rows{R"(1:{"a":"3","b":"four"})"}
    );
    CHECK(
        read({.file = scratch.put("in.csv", "a,\"b\n1,2\n")}).error.find("never closed") !=
        std::string::npos
    );
}

TEST_CASE("The records of a CSV input do not depend on where its bytes are split.", "[job]") {
    const std::string text = "\"a\",b\r\n\"x\"\"\r\n,\",2\r\n\n\"\",\"\"\r1,2,3\n4,5";
    const auto cut = [&](std::size_t block) {
        CsvCutter cutter{100, {.block = block}};
        std::vector<std::string> records;
        auto rest = std::string_view{text};
        for (bool ended = false;;) {
            while (auto record = cutter.next()) {
                records.push_back(std::string{record->object} + record->problem);
            }
            if (ended) return records;
            const auto room = cutter.room();
            const auto count = rest.copy(room.data(), room.size());
            rest.remove_prefix(count);
            cutter.filled(count);
            ended = count == 0;
            if (ended) cutter.end();
        }
    };
    const auto whole = cut(1000);
    CHECK(whole.size() == 4);
    CHECK(whole[0] == R"({"a":"x\"\r\n,","b":"2"})");
    for (std::size_t block = 1; block < 20; ++block) REQUIRE(cut(block) == whole);
}

TEST_CASE("The first bytes of a byte order mark alone are read as data.", "[job]") {
    Scratch scratch;
    for (const std::string text : {"\xEF\xBB", "\xEF\xBB,b\n", "\xEF\n"}) {
        const auto seen = read({.file = scratch.put("in.csv", text)});
        CHECK(seen.error.find("in.csv:1:1: the byte 0xEF is not UTF-8") != std::string::npos);
    }
}

TEST_CASE("A CSV header with two columns of the same name is refused.", "[job]") {
    Scratch scratch;
    const auto seen = read({.file = scratch.put("in.csv", "a,b,a\n1,2,3\n")});
    CHECK(seen.error.starts_with(
        scratch.path("in.csv") + ":1: columns 1 and 3 are both named `a`; each needs a name"
    ));
}

TEST_CASE("A row above the maximum length fails, and the next rows are read.", "[job]") {
    Scratch scratch;
    const std::string big(1'000'000, 'x');
    const auto lines = scratch.put("in.jsonl", "{\"a\":1}\n\"" + big + "\"\n{\"a\":2}\n");
    CHECK(
        read({.file = lines}, 1000).rows ==
        Rows{"1:{\"a\":1}", "2!it is longer than 1000 bytes", "3:{\"a\":2}"}
    );
    const auto records = scratch.put(
        "in.csv", "a,b\n1,2\n3,\"" + big + "\n\"\"" + big + "\"\n5,6\n\"" + big + "\",7\n8,9\n"
    );
    CHECK(
        read({.file = records}, 1000).rows ==
        Rows{
            R"(1:{"a":"1","b":"2"})",
            "2!" + records + ":3: it is longer than 1000 bytes",
            R"(3:{"a":"5","b":"6"})",
            "4!" + records + ":6: it is longer than 1000 bytes",
            R"(5:{"a":"8","b":"9"})",
        }
    );
}

TEST_CASE(
    "A CSV record above the maximum length may end at any byte, and the next is read.", "[job]"
) {
    Scratch scratch;
    for (std::size_t length = 0; length < 40; ++length) {
        const std::string x(length, 'x');
        const auto file = scratch.put("in.csv", "a,b\n\"" + x + "\"\n,\"\n\"\"" + x + "\"\n1,2\n");
        const auto seen = read({.file = file}, 20);
        REQUIRE(seen.rows.size() == 3);
        REQUIRE(seen.rows.back() == R"(3:{"a":"1","b":"2"})");
    }
}

TEST_CASE(
    "A CSV record above the maximum length has the same hash for every split of its bytes.", "[job]"
) {
    const std::string text = "a,b\n1,\"" + std::string(100, 'x') + "\"\n3,4\n";
    const auto hashes = [&](std::size_t first) {  // The first bytes alone, then the others.
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        File in{pipe[1]};
        auto source =
            Source::take(File{pipe[0]}, {.file = "-", .format = Format::csv}, nullptr, 20);
        REQUIRE(ok(source));
        std::size_t written = 0;
        source->before_reading([&] {
            const auto end = written == 0 ? first : text.size();
            if (end == written) return void(in = File{});
            REQUIRE(::write(in.descriptor(), &text[written], end - written) > 0);
            written = end;
        });
        std::vector<std::uint64_t> found;
        for (auto row = source->next(); row.value(); row = source->next()) {
            found.push_back((*row)->hash);
        }
        return found;
    };
    const auto whole = hashes(text.size());
    CHECK(whole.size() == 2);
    CHECK(whole[0] == 105);  // Its bytes and its line end.
    for (std::size_t first = 1; first < text.size(); ++first) REQUIRE(hashes(first) == whole);
}

TEST_CASE("A stream with a given format is not read before the first row is requested.", "[job]") {
    for (const auto format : {Format::jsonl, Format::text, Format::openai_batch, Format::json}) {
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        File in{pipe[1]};
        auto source = Source::take(File{pipe[0]}, {.file = "-", .format = format}, nullptr, 20);
        REQUIRE(ok(source));
        bool is_read = false;
        source->before_reading([&] {
            is_read = true;
            in = File{};
        });
        CHECK(ok(source->start()));
        CHECK(source->format() == format);
        CHECK(!is_read);
        (void)source->next();
        CHECK(is_read);
    }
}

TEST_CASE("An input that cannot be read is reported with its name and the reason.", "[job]") {
    Scratch scratch;
    CHECK(
        read({.file = scratch.path("none.jsonl")}).error ==
        "cannot read " + scratch.path("none.jsonl") + ": No such file or directory"
    );
    CHECK(read({.file = scratch.path("")}).error.find("Is a directory") != std::string::npos);
    REQUIRE(::mkfifo(scratch.path("pipe").c_str(), 0600) == 0);
    CHECK(
        read({.file = scratch.path("pipe")}).error.find("give `-` and pipe it in") !=
        std::string::npos
    );
}

TEST_CASE("The fingerprint of an input depends on all its bytes and on nothing else.", "[job]") {
    Scratch scratch;
    const auto of = [&](const std::string& text) {
        auto source = Source::open({.file = scratch.put("in.jsonl", text)});
        while (*source->next()) continue;
        return source->fingerprint();
    };
    CHECK(of("{}\n{}\n") == of("{}\n{}\n"));
    CHECK(of("{}\n{}\n").size == 6);
    CHECK(of("{}\n{}\n").hash.size() == 32);
    CHECK(of("{}\n{}\n").hash != of("{}\n{} ").hash);
    CHECK(of("").size == 0);
}

TEST_CASE("A read of a silent pipe ends when it is interrupted.", "[job]") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    const File writer{ends[1]};
    Interrupt interrupt;
    auto source = Source::take(File{ends[0]}, {.file = "-"}, &interrupt, Source::max_row);
    REQUIRE(::write(writer.descriptor(), "{\"a\":1}\n{\"a\"", 12) == 12);
    const auto row = source->next();
    REQUIRE(ok(row));
    CHECK((*row)->bytes == "{\"a\":1}");
    std::thread other{[&] { interrupt.raise(); }};
    const auto none = source->next();
    other.join();
    REQUIRE(!none);
    CHECK(none.error().kind == RunError::Kind::stopped);
}

TEST_CASE("The delimiter of a CSV input is guessed from its header, or set.", "[job]") {
    Scratch scratch;
    const auto rows = [&](const std::string& name, const std::string& text, char given = '\0') {
        return read({.file = scratch.put(name, text), .delimiter = given}).rows;
    };
    const Rows expected{R"(1:{"id":"1","q":"a, b"})"};
    CHECK(rows("a.csv", "id;q\r\n1;a, b\r\n") == expected);
    CHECK(rows("b.csv", "sep=|\r\nid|q\r\n1|a, b\r\n") == expected);
    CHECK(rows("c.csv", "id~q\n1~a, b\n", '~') == expected);
    CHECK(rows("d.csv", "id;q\r1;a, b\r") == expected);
    CHECK(rows("e.tsv", "id\tq\n1\ta, b\n") == expected);
    CHECK(rows("f.TSV", "id, x;y\tq\n1\ta\n") == Rows{R"(1:{"id, x;y":"1","q":"a"})"});
}

TEST_CASE(
    "Empty columns at the end of a CSV file are ignored, but text in them makes the row fail.",
    "[job]"
) {
    Scratch scratch;
    const auto file = scratch.put("in.csv", "id, q ,,\n1,a,,\n2,b\n3,c,,x\n4,d,,,,\n5\n");
    const auto seen = read({.file = file});
    CHECK(seen.fields == std::vector<std::string>{"id", "q"});
    CHECK(
        seen.rows ==
        Rows{
            R"(1:{"id":"1","q":"a"})",
            R"(2:{"id":"2","q":"b"})",
            "3!" + file + ":4: there is text in a column without a name",
            R"(4:{"id":"4","q":"d"})",
            "5!" + file + ":6: it has 1 fields where the first line names 4",
        }
    );
    const auto index = scratch.put("pandas.csv", ",id,q\n0,1,a\n");
    CHECK(read({.file = index}).rows == Rows{R"(1:{"id":"1","q":"a"})"});
    CHECK(
        read({.file = scratch.put("none.csv", ",,\n1,2,3\n")}).error.find("no column has a name") !=
        std::string::npos
    );
}

TEST_CASE("CSV and text inputs end with an error at the first invalid byte.", "[job]") {
    Scratch scratch;
    const auto csv = scratch.put("in.csv", "a,b\r\n0,0\r\n1,\"x\r\ny\xE9\"\r\n2,3\r\n");
    const auto seen = read({.file = csv});
    CHECK(seen.rows == Rows{R"(1:{"a":"0","b":"0"})"});
    CHECK(seen.error.starts_with(csv + ":4:2: the byte 0xE9 is not UTF-8"));
    const auto text = scratch.put("in.txt", "one\ncaf\xE9\nthree\n");
    CHECK(read({.file = text}).rows == Rows{R"(1:{"text":"one"})"});
    CHECK(read({.file = text}).error.starts_with(text + ":2:4: the byte 0xE9 is not UTF-8"));
}

TEST_CASE("An input is decoded by the set encoding, or by its byte order mark.", "[job]") {
    Scratch scratch;
    const auto western = scratch.put("in.txt", "caf\xE9\r\n\x93q\x94\r\n");
    CHECK(
        read({.file = western, .encoding = "windows-1252"}).rows ==
        Rows{R"(1:{"text":"café"})", R"(2:{"text":"“q”"})"}
    );
    const std::string wide{"\xFF\xFE{\0\"\0a\0\"\0:\0\xE9\0}\0\n\0", 18};
    CHECK(read({.file = scratch.put("in.jsonl", wide)}).rows == Rows{"1:{\"a\":é}"});
    const auto unmarked = scratch.put("no.jsonl", wide.substr(2));
    CHECK(read({.file = unmarked}).error.find("set input.encoding: utf-16le") != std::string::npos);
    CHECK(read({.file = unmarked, .encoding = "utf-16le"}).rows == Rows{"1:{\"a\":é}"});
    const auto wrong = scratch.put("wrong.csv", "a\n1\ncaf\x81\n");
    CHECK(read({.file = wrong, .encoding = "windows-1252"})
              .error.starts_with(
                  wrong + ":3:4: the byte 0x81 is not windows-1252; set input.encoding"
              ));
}

TEST_CASE("Every value of a JSON array is a row.", "[job]") {
    Scratch scratch;
    const std::string text = "[\n  {\"a\": 1},\n  {\"a\":\n 2}\n]\n";
    for (const auto* name : {"in.json", "in.data", "in.jsonl"}) {
        const auto seen = read({.file = scratch.put(name, text)});
        CHECK(seen.format == Format::json);
        CHECK(seen.rows == Rows{"1:{\"a\": 1}", "2:{\"a\":\n 2}"});
    }
    const auto file = scratch.put("cut.json", "[{\"a\":1},\n{\"a\":");
    const auto cut = read({.file = file});
    CHECK(cut.rows.size() == 1);
    CHECK(
        cut.error == file +
                         ":2: the JSON list is cut off: it is never closed, after 1 whole values"
                         ", behind row 1"
    );
}

TEST_CASE("JSON is refused if it is neither an array of objects nor one object a line.", "[job]") {
    Scratch scratch;
    const auto refused = [&](const std::string& name, const std::string& text) {
        return read({.file = scratch.put(name, text)}).error;
    };
    CHECK(refused("in.json", "{\n  \"a\": 1\n}\n").find("jq -c . '") != std::string::npos);
    CHECK(
        refused("in.jsonl", "{\n  \"a\": 1\n}\n").find("over several lines") != std::string::npos
    );
    CHECK(refused("in.json", "{\"a\":\n1}\n").find("jq -c . '") != std::string::npos);
    CHECK(refused("in.data", "[\"a\",\"b\"]\n").find("list of texts") != std::string::npos);
    CHECK(refused("in.data", "[\n\"a\",\"b\"]\n").find("list of no objects") != std::string::npos);
    CHECK(refused("notes.md", "# Title\n").find("set input.format: text") != std::string::npos);
    CHECK(refused("in.json", "{\"a\":1}\n{\"a\":2}\n").empty());
    CHECK(refused("in.data", "[INST] one [/INST]\n").empty());
}

TEST_CASE("A blank line is asked if the job says so.", "[job]") {
    Scratch scratch;
    const auto rows = [&](const std::string& name, const std::string& text) {
        return read({.file = scratch.put(name, text), .blank = Input::Blank::ask}).rows;
    };
    CHECK(
        rows("in.txt", "one\n\ntwo\n") ==
        Rows{R"(1:{"text":"one"})", R"(2:{"text":""})", R"(3:{"text":"two"})"}
    );
    CHECK(
        rows("in.csv", "q\r\none\r\n\r\ntwo\r\n") ==
        Rows{R"(1:{"q":"one"})", R"(2:{"q":""})", R"(3:{"q":"two"})"}
    );
    CHECK(rows("in.jsonl", "{}\n \n") == Rows{"1:{}", "2!the line is blank"});
}

TEST_CASE("Blank lines that are left out are counted.", "[job]") {
    Scratch scratch;
    const auto blank = [&](const std::string& name, const std::string& text) {
        auto source = Source::open({.file = scratch.put(name, text)});
        while (*source->next()) continue;
        return source->blank_lines();
    };
    CHECK(blank("in.txt", "\none\n\r\n \n") == 3);
    CHECK(blank("in.csv", "a,b\r\n\r\n1,\"x\r\n\r\n\"\r\n\r\n\r\n") == 3);
    CHECK(blank("mac.csv", "a,b\r\r1,2\r") == 1);
    CHECK(blank("unix.csv", "a,b\n\n\n1,2") == 2);
}
