#include "job/run/recorder.hpp"

#include "job/output/output_check.hpp"
#include "support/catch.hpp"
#include "unit/job/file/scratch.hpp"

#include <algorithm>
#include <latch>
#include <memory>
#include <string>
#include <sys/stat.h>

namespace skein {
namespace {

using namespace std::chrono_literals;
using job::BadDisk;
using job::Scratch;

const TimePoint noon{12h};

// A disk that counts syncs and can delay them or let them fail.
struct SlowDisk {
    static inline std::latch* begun = nullptr;
    static inline std::latch* may_end = nullptr;
    static inline int syncs = 0;
    static inline int error = 0;

    static job::Disk calls() {
        begun = may_end = nullptr;
        syncs = error = 0;
        job::Disk disk;
        disk.fdatasync = [](int) {
            ++syncs;
            if (begun) begun->count_down();
            if (may_end) may_end->wait();
            errno = error;
            return error == 0 ? 0 : -1;
        };
        return disk;
    }
};

// A recorder of a job in a temporary folder.
class Bench {
public:
    explicit Bench(
        Output::Durability durability = Output::Durability::interval,
        job::SyncThread* sync = nullptr,
        const job::Disk& disk = {}
    ) {
        job.output = {
            .file = scratch.path("out.jsonl"), .timings = false, .durability = durability};
        auto opened = job::Journal::open(
            job::journal_path(job.output.file), {}, job::Journal::How::resume, disk
        );
        REQUIRE(job::ok(opened));
        journal = std::make_unique<job::Journal>(std::move(*opened));
        auto made = job::OrderedOutput::open(job.output, *journal, interrupt, disk);
        REQUIRE(job::ok(made));
        output.emplace(std::move(*made));
        recorder.emplace(
            job,
            *journal,
            *output,
            gate,
            Recorder::Beside{sync, [this](std::size_t count) { hear_of(count); }}
        );
    }

    void hear_of(std::size_t count) {
        recorded += count;
        journaled_then = journaled();
        syncs_then = SlowDisk::syncs;
    }

    void reply(std::uint64_t number, const Reply& reply, std::size_t size = 0) {
        gate.take_asked(number + 1, 1);
        AskedRow row{.number = number, .line = number + 1, .bytes = 1, .keeps_place = true};
        row.custom_id = "row-" + std::to_string(number) + std::string(size, 'x');
        recorder->reply(row, reply);
    }
    void answer(std::uint64_t number, std::size_t size = 0) {
        reply(number, {.outcome = Completion{.body = "{}"}, .attempts = 1}, size);
    }

    std::size_t lines_in(const std::string& name) const {
        const auto text = scratch.get(name);
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    std::size_t journaled() const { return lines_in("out.jsonl.journal") - 1; }

    Scratch scratch;
    Job job;
    job::Interrupt interrupt;
    std::unique_ptr<job::Journal> journal;
    std::optional<job::OrderedOutput> output;
    Gate gate{{.window = 1000, .held = 1000, .bytes = 1'000'000}};
    std::optional<Recorder> recorder;
    std::size_t recorded = 0;
    std::size_t journaled_then = 0;  // Lines in the journal at the last report.
    int syncs_then = 0;              // Syncs at the last report.
};

// A bench with one recorded reply, whose sync thread has begun its first sync.
struct Syncing {
    explicit Syncing(std::latch* may_end, int error = 0) {
        SlowDisk::begun = &begun;
        SlowDisk::may_end = may_end;
        SlowDisk::error = error;
        bench.answer(0);
        bench.recorder->flush(noon);
        begun.wait();
        SlowDisk::begun = nullptr;
    }

    std::latch begun{1};
    const job::Disk disk = SlowDisk::calls();
    job::SyncThread sync{disk};
    Bench bench{Output::Durability::interval, &sync, disk};
};

Reply never_executed() { return {.outcome = Fault{.kind = FaultKind::deadline}, .attempts = 3}; }

TEST_CASE("A reply keeps its place until it is in the journal.", "[client][recorder]") {
    Bench bench;
    bench.answer(0);
    bench.answer(1);
    CHECK(bench.recorded == 0);
    CHECK(bench.journaled() == 0);
    bench.recorder->flush(noon);
    CHECK(bench.recorded == 2);
    CHECK(bench.journaled_then == 2);
}

TEST_CASE("A reply that is not recorded gives its place back exactly once.", "[client][recorder]") {
    Bench bench;
    bench.reply(0, {.outcome = Fault{.kind = FaultKind::cancelled}});
    bench.reply(1, {.outcome = Fault{.kind = FaultKind::auth}, .attempts = 1});
    bench.recorder->flush(noon);
    bench.recorder->flush(noon + 5s);
    CHECK(bench.recorded == 2);
    CHECK(bench.journaled() == 0);
}

TEST_CASE(
    "With `durability: each` one sync serves all waiting replies, and they keep their places until "
    "then.",
    "[client][recorder]"
) {
    Bench bench{Output::Durability::each, nullptr, SlowDisk::calls()};
    for (std::uint64_t i = 0; i < 20; ++i) {
        bench.answer(i, 20'000);
        bench.recorder->flush_if_much(noon);
    }
    CHECK(bench.journaled() >= 16);
    CHECK(bench.recorded == 0);
    CHECK(SlowDisk::syncs == 0);
    bench.recorder->flush(noon);
    CHECK(SlowDisk::syncs == 1);
    CHECK(bench.recorded == 20);
    CHECK(bench.syncs_then == 1);
    CHECK(bench.gate.counts().done == 20);
    CHECK(bench.lines_in("out.jsonl.part") == 20);
}

TEST_CASE(
    "Replies are journaled and recorded while the sync thread waits for the disk.",
    "[client][recorder]"
) {
    std::latch may_end{1};
    Syncing syncing{&may_end};
    auto& bench = syncing.bench;
    bench.answer(1);
    bench.recorder->flush(noon + 10s);
    CHECK(bench.recorded == 2);
    CHECK(bench.journaled() == 2);
    CHECK(bench.lines_in("out.jsonl.part") == 2);
    CHECK(SlowDisk::syncs == 1);  // One sync at a time.
    may_end.count_down();
    const auto whole = bench.recorder->finish();
    REQUIRE(whole.has_value());
    CHECK(*whole);
    CHECK(SlowDisk::syncs == 3);  // One more for the later data, and one for the output.
}

TEST_CASE("A sync that fails on its thread stops the run.", "[client][recorder]") {
    Syncing syncing{nullptr, EIO};
    auto& bench = syncing.bench;
    const auto whole = bench.recorder->finish();
    REQUIRE(whole.has_error());
    CHECK(whole.error().kind == RunError::Kind::local);
    CHECK(whole.error().what.find("Input/output error") != std::string::npos);
    CHECK_FALSE(bench.scratch.has("out.jsonl"));
}

TEST_CASE(
    "A full disk makes the part give its room to the journal and stops the run.",
    "[client][recorder]"
) {
    // Writes: the first batch to the journal and to the part, then half of the second batch.
    Bench bench{Output::Durability::none, nullptr, BadDisk::failing_at(0)};
    bench.answer(0);
    bench.recorder->flush(noon);
    REQUIRE(bench.lines_in("out.jsonl.part") == 1);
    BadDisk::at = BadDisk::calls + 1;
    bench.answer(1);
    bench.answer(2);
    bench.recorder->flush(noon);
    CHECK(bench.journaled() == 3);
    CHECK(bench.recorded == 3);
    CHECK(bench.scratch.get("out.jsonl.part").empty());
    const auto why = bench.gate.stopped();
    REQUIRE(why);
    CHECK(why->kind == RunError::Kind::local);
    CHECK(why->what.find("No space left") != std::string::npos);
    bench.answer(3);  // A request that was in flight.
    const auto whole = bench.recorder->finish();
    REQUIRE(whole.has_value());
    CHECK_FALSE(*whole);
    CHECK(bench.journaled() == 4);
    CHECK_FALSE(bench.scratch.has("out.jsonl"));
}

TEST_CASE(
    "A part that cannot be written gives its room to the journal, and replies are kept.",
    "[client][recorder]"
) {
    Bench bench{Output::Durability::none, nullptr, BadDisk::failing_at(0)};
    BadDisk::at = BadDisk::calls + 2;  // The write to the part, after the write to the journal.
    bench.answer(0);
    bench.recorder->flush(noon);
    CHECK(bench.gate.stopped());
    bench.answer(1);
    bench.recorder->flush(noon);
    CHECK(bench.journaled() == 2);
    CHECK(bench.scratch.get("out.jsonl.part").empty());
}

TEST_CASE(
    "A row that was not executed in time is left out, and the run ends by policy.",
    "[client][recorder]"
) {
    Bench bench;
    bench.reply(0, never_executed());
    bench.answer(1);
    bench.recorder->flush(noon);
    CHECK_FALSE(bench.gate.stopped());
    CHECK(bench.recorded == 2);
    CHECK(bench.journaled() == 1);
    CHECK(bench.lines_in("out.jsonl.part") == 1);  // The next row does not wait for it.
    CHECK(bench.gate.counts().left_out == 1);
    const auto whole = bench.recorder->finish();
    REQUIRE(whole.has_value());
    CHECK_FALSE(*whole);
    const auto why = bench.gate.stopped();
    REQUIRE(why);
    CHECK(why->kind == RunError::Kind::policy);
    CHECK(why->what == "1 row was never executed within timeouts.request and stays undone");
    CHECK_FALSE(bench.scratch.has("out.jsonl"));
}

TEST_CASE(
    "A row that may have been executed before its deadline has its line.", "[client][recorder]"
) {
    Bench bench;
    auto reply = never_executed();
    reply.maybe_executed = 1;
    bench.reply(0, reply);
    const auto whole = bench.recorder->finish();
    REQUIRE(whole.has_value());
    CHECK(*whole);
    CHECK(bench.lines_in("out.jsonl") == 1);
}

}  // namespace
}  // namespace skein
