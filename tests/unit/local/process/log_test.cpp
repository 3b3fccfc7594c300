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

TEST_CASE("lines of a log are the same wherever the bytes are cut", "[local]") {
    const std::string text = "one\ntwo\r\n\n10%\r20%\rlast";
    const Texts expected{"one", "two", "10%", "20%", "last"};
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CHECK(lines_of({text.substr(0, cut), text.substr(cut)}) == expected);
    }
}

TEST_CASE("of a line that is too long the beginning is told", "[local]") {
    const std::string most(Lines::longest, 'x');
    CHECK(lines_of({most + "y\nnext\n"}) == Texts{most, "next"});
    CHECK(lines_of({most, most, "\n", "next"}) == Texts{most, "next"});
    CHECK(lines_of({most + "\n"}) == Texts{most});
}

TEST_CASE("the tail of a log holds the last lines, and not more bytes than it may", "[local]") {
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

TEST_CASE("what a worker said is shown so that a terminal can show it", "[local]") {
    LogTail tail;
    tail.add("\x1b[31mred\x1b[0m \xff");
    CHECK(tail.text() == "\\u001b[31mred\\u001b[0m \\xff\n");
}

TEST_CASE("an engine that never stops talking neither stands still nor fills us", "[local][G14]") {
    LocalBench bench;
    for (const std::string talk :
         {"yes 'a line of some length, as engines write them, again, and so on.'",
          "cat /dev/zero"}) {
        std::size_t count = 0;
        std::size_t longest = 0;
        bool over = false;
        const auto before = resident_bytes();
        const auto script = talk + " | head -c 64000000 >&2; echo done";
        Process process{
            bench.loop,
            bench.program,
            {{"/bin/sh", "-c", script}, plain_environment, {}},
            {.on_start = {},
             .on_line = [&](std::string_view line
                        ) { ++count, longest = std::max(longest, line.size()); },
             .on_exit = [&](const Exit&) { over = true; }}};
        bench.run_until([&] { return over; });
        CHECK(count == (talk.starts_with("yes") ? 1'000'001u : 1u));
        CHECK(longest <= skein::local::Lines::longest);
        CHECK(resident_bytes() < before + 16'000'000);
    }
}

TEST_CASE("an engine that talks without end does not keep the loop for itself", "[local][G14]") {
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

TEST_CASE("all that an engine said is told before its exit", "[local]") {
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
    REQUIRE(ends_in_time(process->keeper()));  // All of it is still in the pipe.
    bench.run_until([&] { return told.over(); });
    CHECK(told.lines.size() == 10002);
    CHECK(told.lines.back() == "last");
}
