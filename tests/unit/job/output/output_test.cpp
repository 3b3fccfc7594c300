#include "job/output/ordered_output.hpp"
#include "job/output/output_check.hpp"
#include "support/catch.hpp"
#include "unit/job/file/scratch.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <numeric>
#include <random>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace skein;
using namespace skein::job;

namespace {

std::string line_of(std::uint64_t number) {
    return "{\"line\":" + std::to_string(number) + std::string(number % 90, ' ') + "}";
}

RecordRef journaled(Journal& journal, std::uint64_t number) {
    const auto out = line_of(number);
    const Journal::Entry entry{.line = number + 1, .row_hash = 0, .ok = true, .out = out};
    auto places = journal.append({&entry, 1});
    REQUIRE(ok(places));
    return places->front();
}

std::string lines_to(std::uint64_t count) {
    std::string text;
    for (std::uint64_t i = 0; i < count; ++i) text += line_of(i) + '\n';
    return text;
}

Journal journal_in(const Scratch& scratch) {
    auto journal = Journal::anonymous(scratch.path(""), {});
    REQUIRE(ok(journal));
    return std::move(*journal);
}

std::vector<std::uint64_t> shuffled(std::uint64_t count, unsigned seed) {
    std::vector<std::uint64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    std::shuffle(numbers.begin(), numbers.end(), std::mt19937{seed});
    return numbers;
}

// Redirects standard output to another file during its lifetime.
class Redirected {
public:
    explicit Redirected(int to) : kept_{::dup(STDOUT_FILENO)} { ::dup2(to, STDOUT_FILENO); }
    ~Redirected() {
        ::dup2(kept_, STDOUT_FILENO);
        ::close(kept_);
    }

private:
    int kept_;
};

}  // namespace

TEST_CASE("Replies are written in input order, in whatever order they arrive.", "[job]") {
    constexpr std::uint64_t count = 3000;
    for (const bool at_hand : {false, true}) {
        Scratch scratch;
        auto journal = journal_in(scratch);
        Interrupt interrupt;
        const Output wanted{.file = scratch.path("out")};
        auto output = OrderedOutput::open(wanted, journal, interrupt);
        REQUIRE(ok(output));
        for (const auto number : shuffled(count, 1)) {
            const auto place = journaled(journal, number);
            output->put(number, place, at_hand ? line_of(number) : "");
            if (number % 100 == 0) REQUIRE(ok(output->flush()));
        }
        CHECK(!scratch.has("out"));
        REQUIRE(ok(output->finish()));
        CHECK(output->written() == count);
        CHECK(!scratch.has("out.part"));
        CHECK((scratch.get("out") == lines_to(count)));
    }
}

TEST_CASE("No line is written before its turn.", "[job]") {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    auto output = OrderedOutput::open({.file = scratch.path("out")}, journal, interrupt);
    output->put(1, journaled(journal, 1), line_of(1));
    output->put(3, journaled(journal, 3));
    REQUIRE(ok(output->flush()));
    CHECK(scratch.get("out.part").empty());
    CHECK(output->waiting() == 2);
    output->put(0, journaled(journal, 0), line_of(0));
    REQUIRE(ok(output->flush()));
    CHECK(scratch.get("out.part") == lines_to(2));
    output->skip(2);
    REQUIRE(ok(output->finish()));
    CHECK(scratch.get("out") == lines_to(2) + line_of(3) + '\n');
    CHECK(output->written() == 3);
}

TEST_CASE("In order of completion no line waits.", "[job]") {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    const Output wanted{.file = scratch.path("out"), .order = Output::Order::completion};
    auto output = OrderedOutput::open(wanted, journal, interrupt);
    output->put(2, journaled(journal, 2), line_of(2));
    output->put(0, journaled(journal, 0));
    REQUIRE(ok(output->finish()));
    CHECK(scratch.get("out") == line_of(2) + '\n' + line_of(0) + '\n');
}

TEST_CASE("A part file that an earlier run has left is begun anew.", "[job]") {
    Scratch scratch;
    scratch.put("out.part", std::string(1000, 'x'));
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    auto output = OrderedOutput::open({.file = scratch.path("out")}, journal, interrupt);
    output->put(0, journaled(journal, 0));
    REQUIRE(ok(output->finish()));
    CHECK(scratch.get("out") == lines_to(1));
}

TEST_CASE("The output is complete or absent if any single call to the disk fails.", "[job]") {
    constexpr std::uint64_t count = 20;
    bool all_well = false;
    for (int call = 1; !all_well; ++call) {
        REQUIRE(call < 100);
        Scratch scratch;
        auto journal = journal_in(scratch);
        Interrupt interrupt;
        const auto disk = BadDisk::failing_at(call);
        auto output = OrderedOutput::open({.file = scratch.path("out")}, journal, interrupt, disk);
        if (!output) continue;
        for (const auto number : shuffled(count, 2)) {
            output->put(number, journaled(journal, number), number % 2 ? line_of(number) : "");
            if (!output->flush()) REQUIRE(ok(output->flush()));  // There is room on the disk again.
        }
        all_well = BadDisk::calls < call;
        const auto finished = output->finish();
        if (finished) {
            CHECK(scratch.get("out") == lines_to(count));
        } else {
            CHECK(finished.error().kind == RunError::Kind::local);
            CHECK(!scratch.has("out"));
            CHECK(scratch.get("out.part") == lines_to(count));
        }
        CHECK(output->written() == count);
    }
}

TEST_CASE(
    "An output of CSV has one header and counts records, not their lines, if any call to the disk "
    "fails.",
    "[job]"
) {
    constexpr std::uint64_t count = 6;
    const auto line = [](std::uint64_t number) {
        return R"({"custom_id":")" + std::to_string(number) +
               R"(","response":{"body":{"choices":[{"message":{"content":"a\n\nb"}}]}}})";
    };
    std::string wanted = "id,text,error\n";
    for (std::uint64_t i = 0; i < count; ++i) wanted += std::to_string(i) + ",\"a\n\nb\",\n";
    bool all_well = false;
    for (int call = 1; !all_well; ++call) {
        REQUIRE(call < 100);
        Scratch scratch;
        auto journal = journal_in(scratch);
        Interrupt interrupt;
        const auto disk = BadDisk::failing_at(call);
        const Output csv{.file = scratch.path("out"), .format = Output::Format::csv};
        auto output = OrderedOutput::open(csv, journal, interrupt, disk);
        if (!output) continue;
        for (const auto number : shuffled(count, 3)) {
            const auto out = line(number);
            const Journal::Entry entry{.line = number + 1, .row_hash = 0, .ok = true, .out = out};
            auto places = journal.append({&entry, 1});
            REQUIRE(ok(places));
            output->put(number, places->front(), number % 2 ? std::string_view{out} : "");
            if (!output->flush()) REQUIRE(ok(output->flush()));
        }
        all_well = BadDisk::calls < call;
        const auto finished = output->finish();
        CHECK(scratch.get(finished ? "out" : "out.part") == wanted);
        CHECK(output->written() == count);
    }
}

TEST_CASE("A file that appears while the job runs is not overwritten.", "[job]") {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    auto output = OrderedOutput::open({.file = scratch.path("out")}, journal, interrupt);
    output->put(0, journaled(journal, 0));
    scratch.put("out", "precious");
    CHECK(!output->finish());
    CHECK(scratch.get("out") == "precious");
    auto again =
        OrderedOutput::open({.file = scratch.path("out"), .overwrite = true}, journal, interrupt);
    again->put(0, journaled(journal, 0));
    REQUIRE(ok(again->finish()));
    CHECK(scratch.get("out") == lines_to(1));
}

TEST_CASE("A full device is an error with its reason.", "[job]") {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    const File full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
    REQUIRE(full.is_open());
    auto output = OrderedOutput::open({.file = "-"}, journal, interrupt);
    output->put(0, journaled(journal, 0));
    std::string what;
    {
        const Redirected redirected{full.descriptor()};
        const auto flushed = output->flush();
        if (!flushed) what = flushed.error().what;
    }
    CHECK(what == "cannot write to standard output: No space left on device");
}

TEST_CASE("A reader of standard output that closes the pipe ends the run.", "[job]") {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const File writer{ends[1]};
    { const File reader{ends[0]}; }
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    Done flushed;
    {
        const Redirected redirected{writer.descriptor()};
        auto output = OrderedOutput::open({.file = "-"}, journal, interrupt);
        output->put(0, journaled(journal, 0));
        flushed = output->flush();
    }
    std::signal(SIGPIPE, before);
    REQUIRE(!flushed);
    CHECK(flushed.error().kind == RunError::Kind::local);
    CHECK(flushed.error().what == "the reader of standard output went away");
}

TEST_CASE(
    "A write to a pipe that is not read can be interrupted, and loses no byte before.", "[job]"
) {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const File reader{ends[0]};
    File writer{ends[1]};
    constexpr std::uint64_t count = 5000;
    Done flushed;
    {
        const Redirected redirected{writer.descriptor()};
        auto output = OrderedOutput::open({.file = "-"}, journal, interrupt);
        for (std::uint64_t i = 0; i < count; ++i) output->put(i, journaled(journal, i));
        std::thread other{[&] { interrupt.raise(); }};
        flushed = output->flush();
        other.join();
    }
    REQUIRE(!flushed);
    CHECK(flushed.error().kind == RunError::Kind::stopped);
    writer = File{};
    std::string got(1'000'000, '\0');
    const auto size = ::read(reader.descriptor(), got.data(), got.size());
    REQUIRE(size >= 0);
    CHECK(
        (lines_to(count).substr(0, static_cast<std::size_t>(size)) ==
         got.substr(0, static_cast<std::size_t>(size)))
    );
}

TEST_CASE("A slow reader of the pipe gets every line complete.", "[job]") {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    REQUIRE(::fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);  // Another process may have set it.
    const File reader{ends[0]};
    constexpr std::uint64_t count = 3000;
    std::string got;
    std::thread other{[&] {
        std::array<char, 777> some{};
        while (true) {
            const auto size = ::read(reader.descriptor(), some.data(), some.size());
            if (size <= 0) break;
            got.append(some.data(), static_cast<std::size_t>(size));
        }
    }};
    bool well = false;
    {
        File writer{ends[1]};
        const Redirected redirected{writer.descriptor()};
        auto output = OrderedOutput::open({.file = "-"}, journal, interrupt);
        for (const auto number : shuffled(count, 3))
            output->put(number, journaled(journal, number));
        well = output->finish().has_value();
    }
    other.join();
    CHECK(well);
    CHECK((got == lines_to(count)));
}

TEST_CASE("An impossible output is refused before anything is sent.", "[job]") {
    Scratch scratch;
    const auto input = scratch.put("in.jsonl", "{}\n");
    const auto check = [&](const std::string& name, bool overwrite = false) {
        return check_output({.file = name, .overwrite = overwrite}, {.file = input});
    };
    const auto why = [&](const std::string& name, bool overwrite = false) {
        const auto checked = check(name, overwrite);
        REQUIRE(!checked);
        CHECK(checked.error().kind == RunError::Kind::config);
        return checked.error().what;
    };
    CHECK(*check("-") == OutputPresence::free);
    CHECK(*check(scratch.path("out")) == OutputPresence::free);
    CHECK(*check(scratch.path("none/none/out")) == OutputPresence::free);
    CHECK_FALSE(std::filesystem::exists(scratch.path("none")));
    CHECK(why(scratch.path("in.jsonl/out")).find("directory") != std::string::npos);
    CHECK(why(scratch.path("in.jsonl/none/out")).find("directory") != std::string::npos);
    CHECK(why(scratch.path("")).find("no name of a file") != std::string::npos);
    CHECK(why(input, true).find("is the input itself") != std::string::npos);
    CHECK(why("/dev/full", true).find("is a device") != std::string::npos);

    std::filesystem::create_directory(scratch.path("folder"));
    CHECK(why(scratch.path("folder"), true).find("is a folder") != std::string::npos);
    REQUIRE(::mkfifo(scratch.path("pipe").c_str(), 0600) == 0);
    CHECK(why(scratch.path("pipe"), true).find("is a pipe") != std::string::npos);
    std::filesystem::create_symlink(scratch.path("free"), scratch.path("link"));
    CHECK(why(scratch.path("link"), true).find("is a symbolic link") != std::string::npos);
    std::filesystem::create_hard_link(input, scratch.path("same"));
    CHECK(why(scratch.path("same"), true).find("is the input itself") != std::string::npos);
    std::filesystem::create_hard_link(input, scratch.path("x.journal"));
    CHECK(why(scratch.path("x"), true).find("x.journal is the input itself") != std::string::npos);
}

TEST_CASE("The folder of an output is created together with its parents.", "[job]") {
    Scratch scratch;
    const auto has_folder = [](const Output& output) { return make_folder(output).has_value(); };
    CHECK(has_folder({.file = scratch.path("a/b/c/out")}));
    CHECK(std::filesystem::is_directory(scratch.path("a/b/c")));
    CHECK(has_folder({.file = scratch.path("a/b/c/out")}));
    CHECK(has_folder({.file = "out"}));
    scratch.put("file", "");
    CHECK(has_folder({.file = scratch.path("file/out")}));  // Opening the file fails later.
    CHECK_FALSE(std::filesystem::exists(scratch.path("file/out")));
}

TEST_CASE("An existing output is replaced only with permission.", "[job]") {
    Scratch scratch;
    const Output wanted{.file = scratch.put("out", "precious")};
    const Input input{.file = "-"};
    const auto refused = check_output(wanted, input);
    REQUIRE(!refused);
    CHECK(refused.error().what.find("is there already") != std::string::npos);
    auto overwriting = wanted;
    overwriting.overwrite = true;
    CHECK(*check_output(overwriting, input) == OutputPresence::free);
    scratch.put("out.journal", "");
    CHECK(*check_output(wanted, input) == OutputPresence::there);
}

TEST_CASE("An output folder without write permission is refused.", "[job]") {
    if (::geteuid() == 0) return;  // Root may write anywhere.
    Scratch scratch;
    REQUIRE(::chmod(scratch.path("").c_str(), 0500) == 0);
    CHECK(!check_output({.file = scratch.path("out")}, {.file = "-"}));
    REQUIRE(::chmod(scratch.path("").c_str(), 0700) == 0);
}

TEST_CASE(
    "A part that gave its room to the journal is empty, takes no more lines and is not renamed.",
    "[job]"
) {
    Scratch scratch;
    auto journal = journal_in(scratch);
    Interrupt interrupt;
    auto output = OrderedOutput::open({.file = scratch.path("out")}, journal, interrupt);
    REQUIRE(ok(output));
    output->put(0, journaled(journal, 0), line_of(0));
    REQUIRE(ok(output->flush()));
    REQUIRE(scratch.get("out.part") == lines_to(1));
    output->put(2, journaled(journal, 2));
    CHECK(output->give_way());
    CHECK_FALSE(output->give_way());  // The part is empty already.
    output->put(1, journaled(journal, 1), line_of(1));
    REQUIRE(ok(output->flush()));
    CHECK(scratch.get("out.part").empty());
    CHECK_FALSE(ok(output->finish()));
    CHECK(scratch.has("out.part"));
    CHECK_FALSE(scratch.has("out"));
}
