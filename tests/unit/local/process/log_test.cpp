#include "local/process/lines.hpp"
#include "local/process/log_tail.hpp"
#include "process_bench.hpp"
#include "support/catch.hpp"

#include <fstream>

using namespace skein::local;

namespace {

using Texts = std::vector<std::string>;

Texts lines_of(const std::vector<std::string>& pieces) {
    Texts told;
    Lines lines;
    const auto tell = [&](std::string_view line) { told.emplace_back(line); };
    for (const auto& piece : pieces) lines.add(piece, tell);
    lines.finish(tell);
    return told;
}

std::size_t resident_bytes() {
    std::size_t pages = 0;
    std::ifstream{"/proc/self/statm"} >> pages >> pages;
    return pages * 4096;
}

}  // namespace

TEST_CASE("The lines of a log do not depend on where its bytes are split.", "[local]") {
    const std::string text = "one\ntwo\r\n\n10%\r20%\rlast";
    const Texts expected{"one", "two", "10%", "20%", "last"};
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CHECK(lines_of({text.substr(0, cut), text.substr(cut)}) == expected);
    }
}

TEST_CASE("A log line above the maximum length is cut to its beginning.", "[local]") {
    const std::string max(Lines::max_length, 'x');
    CHECK(lines_of({max + "y\nnext\n"}) == Texts{max, "next"});
    CHECK(lines_of({max, max, "\n", "next"}) == Texts{max, "next"});
    CHECK(lines_of({max + "\n"}) == Texts{max});
}

TEST_CASE("The tail of a log holds the last lines within its limit of bytes.", "[local]") {
    LogTail tail;
    CHECK(tail.empty());
    for (int i = 1; i <= 100; ++i) tail.add("line " + std::to_string(i));
    const auto text = tail.text("  ");
    CHECK(text.starts_with("  line 81\n"));
    CHECK(text.ends_with("  line 100\n"));

    for (int i = 0; i < 10; ++i) tail.add(std::string(4096, 'x'));
    const auto long_text = tail.text();
    CHECK(std::count(long_text.begin(), long_text.end(), '\n') == 4);
    tail.clear();
    CHECK(tail.text().empty());
}

TEST_CASE("The log of a worker is shown without control characters.", "[local]") {
    LogTail tail;
    tail.add("\x1b[31mred\x1b[0m \xff");
    CHECK(tail.text() == "\\u001b[31mred\\u001b[0m \\xff\n");
}

TEST_CASE(
    "An engine that prints without end neither blocks nor fills our memory.", "[local][G14]"
) {
    LocalBench bench;
    for (const std::string talk :
         {"yes 'a line of some length, as engines write them, again, and so on.'",
          "cat /dev/zero"}) {
        std::size_t count = 0;
        std::size_t max_length = 0;
        bool over = false;
        const auto before = resident_bytes();
        const auto script = talk + " | head -c 64000000 >&2; echo done";
        Process process{
            bench.loop,
            bench.program,
            {{"/bin/sh", "-c", script}, plain_environment, {}},
            {.on_start = {},
             .on_line = [&](std::string_view line
                        ) { ++count, max_length = std::max(max_length, line.size()); },
             .on_exit = [&](const Exit&) { over = true; }}};
        bench.run_until([&] { return over; });
        CHECK(count == (talk.starts_with("yes") ? 1'000'001u : 1u));
        CHECK(max_length <= skein::local::Lines::max_length);
        CHECK(resident_bytes() < before + 16'000'000);
    }
}

TEST_CASE("An engine that prints without end does not occupy the event loop.", "[local][G14]") {
    LocalBench bench;
    Told told;
    std::size_t bytes = 0;
    Process process{
        bench.loop,
        bench.program,
        {{"yes"}, plain_environment, {}},
        {.on_start = {},
         .on_line = [&](std::string_view line) { bytes += line.size() + 1; },
         .on_exit = LocalBench::events(told).on_exit}};
    for (int i = 0; i < 50; ++i) {
        bytes = 0;
        bench.loop.run_one_for(30s);
        CHECK(bytes < 300'000);
    }
    process.kill();
    bench.run_until([&] { return told.over(); });
    CHECK(told.exit() == "killed by signal 9 (Killed)");
}

TEST_CASE("All log lines of an engine are reported before its exit.", "[local]") {
    LocalBench bench;
    Told told;
    const auto process = bench.start(told, {"python3", "-c", R"(
import fcntl, sys
fcntl.fcntl(1, 1031, 1 << 20)
sys.stdout.write("x" * 99 + "\n")
for i in range(10000):
    sys.stdout.write(f"{i:99}\n")
sys.stdout.write("last")
)"});
    REQUIRE(ends_in_time(process->keeper()));  // The whole log is still in the pipe.
    bench.run_until([&] { return told.over(); });
    CHECK(told.lines.size() == 10002);
    CHECK(told.lines.back() == "last");
}
