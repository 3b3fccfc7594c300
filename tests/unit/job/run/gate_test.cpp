#include "job/run/gate.hpp"

#include "support/catch.hpp"

#include <future>
#include <latch>
#include <vector>

namespace skein {
namespace {

using namespace std::chrono_literals;

constexpr Gate::Bounds wide{.window = 1000, .held = 1000, .bytes = 1'000'000};
const RunError reason{RunError::Kind::local, "the disk is full"};

// A reader that waits for room on its own thread, and the counts when it was let in.
struct Seen {
    bool room;
    Gate::Counts counts;
};
std::future<Seen> wait_elsewhere(Gate& gate) {
    std::latch begun{1};
    auto future = std::async(std::launch::async, [&gate, &begun] {
        begun.count_down();
        const bool room = gate.wait_for_room();
        return Seen{room, gate.counts()};
    });
    begun.wait();
    return future;
}

TEST_CASE("A gate without any row has room.", "[client][gate]") {
    Gate gate{{.window = 1, .held = 1, .bytes = 0}};
    CHECK(gate.wait_for_room());
    CHECK(gate.wait_until_answered(never, false));
    CHECK_FALSE(gate.stopped());
    CHECK_FALSE(gate.counts().oldest);
}

TEST_CASE("A reader waits for a written row when the window is full.", "[client][gate]") {
    Gate gate{{.window = 2, .held = 100, .bytes = 100}};
    gate.take_known(2, 0);
    auto waiting = wait_elsewhere(gate);
    gate.written(1);
    const auto seen = waiting.get();
    CHECK(seen.room);
    CHECK(seen.counts.written == 1);
}

TEST_CASE("A row that is left out gives its place in the window back.", "[client][gate]") {
    Gate gate{{.window = 2, .held = 100, .bytes = 100}};
    gate.take_asked(1, 10);
    gate.take_asked(2, 10);
    gate.answered(1, 10);
    CHECK_FALSE(gate.has_room());
    auto waiting = wait_elsewhere(gate);
    gate.left_out();
    CHECK(waiting.get().room);
    CHECK(gate.counts().written == 0);
}

TEST_CASE(
    "A row that is answered but not written keeps its place in the window.", "[client][gate]"
) {
    Gate gate{{.window = 1, .held = 100, .bytes = 100}};
    gate.take_asked(7, 10);
    gate.answered(7, 10);
    auto waiting = wait_elsewhere(gate);
    gate.journaled(1, 0);
    gate.written(1);
    CHECK(waiting.get().counts.written == 1);
}

TEST_CASE(
    "A reader waits for an answer when the maximum of held requests is reached.", "[client][gate]"
) {
    Gate gate{{.window = 100, .held = 2, .bytes = 100}};
    gate.take_asked(1, 1);
    CHECK(gate.wait_for_room());
    gate.take_asked(2, 1);
    auto waiting = wait_elsewhere(gate);
    gate.answered(1, 1);
    const auto seen = waiting.get();
    CHECK(seen.room);
    CHECK(seen.counts.answered == 1);
}

TEST_CASE("Held bytes are bounded, but one row of any size is accepted.", "[client][gate]") {
    Gate gate{{.window = 100, .held = 100, .bytes = 10}};
    CHECK(gate.wait_for_room());
    gate.take_asked(1, 1000);
    auto waiting = wait_elsewhere(gate);
    gate.answered(1, 1000);
    CHECK(waiting.get().counts.answered == 1);
    gate.take_asked(2, 9);
    CHECK(gate.wait_for_room());
}

TEST_CASE(
    "A reader takes no more rows in the opening phase before the first answer.", "[client][gate]"
) {
    Gate gate{{.window = 100, .held = 10, .bytes = 100, .first = 2, .opening = 1h}};
    gate.take_asked(1, 1);
    CHECK(gate.has_room());
    gate.take_asked(2, 1);
    CHECK_FALSE(gate.has_room());
    auto waiting = wait_elsewhere(gate);
    gate.answered(2, 1);
    CHECK(waiting.get().counts.answered == 1);
    for (const std::uint64_t line : {3u, 4u, 5u}) gate.take_asked(line, 1);
    CHECK(gate.has_room());
}

TEST_CASE("The opening phase ends after its time without any answer.", "[client][gate]") {
    Gate gate{{.window = 100, .held = 10, .bytes = 100, .first = 1, .opening = 5ms}};
    gate.take_asked(1, 1);
    const auto began = Clock::now();
    CHECK(gate.wait_for_room());
    CHECK(Clock::now() - began < 10s);
    CHECK(gate.counts().answered == 0);
}

TEST_CASE("Rows with a known reply do not count as held.", "[client][gate]") {
    Gate gate{{.window = 100, .held = 1, .bytes = 1}};
    gate.take_known(50, 3);
    CHECK(gate.wait_for_room());
    const auto counts = gate.counts();
    CHECK(counts.taken == 50);
    CHECK(counts.resumed == 50);
    CHECK(counts.done == 50);
    CHECK(counts.failed_lines == 3);
    CHECK(counts.asked == 0);
}

TEST_CASE("A waiting reader is woken only when there is room for many rows.", "[client][gate]") {
    Gate gate{{.window = 100, .held = 4, .bytes = 100, .enough = 2}};
    for (const std::uint64_t line : {1u, 2u, 3u, 4u}) gate.take_asked(line, 1);
    CHECK_FALSE(gate.has_room());
    auto waiting = wait_elsewhere(gate);
    gate.answered(2, 1);
    CHECK(gate.has_room());  // There is room, but the waiting reader is not woken yet.
    gate.answered(1, 1);
    CHECK(waiting.get().counts.answered == 2);
}

TEST_CASE("A stop wakes all waiting threads, and the first reason is kept.", "[client][gate]") {
    Gate gate{{.window = 1, .held = 1, .bytes = 1}};
    gate.take_asked(1, 1);
    std::vector<std::future<Seen>> readers;
    for (int i = 0; i < 4; ++i) readers.push_back(wait_elsewhere(gate));
    auto answered =
        std::async(std::launch::async, [&] { return gate.wait_until_answered(never, false); });
    gate.stop(reason);
    gate.stop({RunError::Kind::stopped, "later"});
    for (auto& reader : readers) CHECK_FALSE(reader.get().room);
    CHECK_FALSE(answered.get());
    REQUIRE(gate.stopped());
    CHECK(gate.stopped()->kind == RunError::Kind::local);
    CHECK(gate.stopped()->what == reason.what);
    CHECK_FALSE(gate.wait_for_room());
}

TEST_CASE("A stopped run can still wait for the requests in flight.", "[client][gate]") {
    Gate gate{wide};
    gate.take_asked(1, 1);
    gate.stop(reason);
    CHECK_FALSE(gate.wait_until_answered(never, false));
    CHECK_FALSE(gate.wait_until_answered(Clock::now(), true));
    auto answered =
        std::async(std::launch::async, [&] { return gate.wait_until_answered(never, true); });
    gate.answered(1, 1);
    CHECK(answered.get());
}

TEST_CASE("The oldest row of a gate is the first line without an answer.", "[client][gate]") {
    Gate gate{wide};
    for (const std::uint64_t line : {3u, 5u, 9u}) gate.take_asked(line, 1);
    CHECK(gate.counts().oldest == 3u);
    gate.answered(5, 1);
    CHECK(gate.counts().oldest == 3u);
    gate.answered(3, 1);
    CHECK(gate.counts().oldest == 9u);
    gate.answered(9, 1);
    CHECK_FALSE(gate.counts().oldest);
}

}  // namespace
}  // namespace skein
