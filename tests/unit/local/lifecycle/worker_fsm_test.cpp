// The start of a worker, and its probes while it serves.
#include "local/lifecycle/worker_fsm.hpp"

#include "support/catch.hpp"
#include "unit/local/lifecycle/told.hpp"

namespace skein::local {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

// The times of the probes, in milliseconds since the start.
std::vector<long> times(const Told& told, TimePoint start, std::size_t max) {
    std::vector<long> times;
    for (const auto& [when, what] : told.looks) {
        if (times.size() < max) times.push_back((when - start) / 1ms);
    }
    return times;
}

}  // namespace

TEST_CASE("A worker sleeps until it is woken, and further wake-ups change nothing.", "[worker]") {
    Told told;
    CHECK(told.life.wake_at() == never);
    told.pass(1h);
    CHECK(told.take().empty());
    told.wake();
    told.wake();
    CHECK(told.take() == "start");
    CHECK(told.looks.empty());
}

TEST_CASE("A loading worker is probed at growing intervals, from 10 ms to 1 s.", "[worker]") {
    for (const auto answer : {Answer::loading, Answer::silent}) {
        Told told;
        told.health = answer;
        told.wake();
        const auto start = told.now;
        told.pass(10s);
        CHECK(
            times(told, start, 10) ==
            std::vector<long>{10, 30, 70, 150, 310, 630, 1270, 2270, 3270, 4270}
        );
    }
}

TEST_CASE(
    "A worker may answer 503 for three minutes without being killed or reported.", "[worker]"
) {
    Told told;
    told.health = Answer::loading;
    told.wake();
    told.pass(3min);
    CHECK(told.take() == "start");
    CHECK_FALSE(told.life.has_come_out_of_loading());
    told.health = Answer::well;
    told.pass(1s);
    CHECK(told.take() == "there");
    CHECK(told.life.is_serving());
    CHECK_THAT(told.last_words(), Contains("local-0 is ready after 18"));
}

TEST_CASE(
    "A worker is ready only after its first completion, not after a health check.", "[worker]"
) {
    Told told;
    told.completion = std::nullopt;
    told.wake();
    told.pass(1min);
    REQUIRE(told.looks.size() == 2);
    CHECK(told.looks.back().second == WorkerFsm::Look::completion);
    CHECK(told.take() == "start");

    told.completion = Answer::silent;
    told.pass(1s);
    CHECK(told.looks.back().second == WorkerFsm::Look::completion);
    CHECK(told.looks.size() > 4);  // Each round begins with a health probe.
    CHECK(told.take().empty());

    told.completion = Answer::well;
    told.pass(1s);
    CHECK(told.take() == "there");
}

TEST_CASE(
    "A worker that is not ready within the startup timeout is killed and started again.", "[worker]"
) {
    Told told;
    SECTION("The worker says that it is loading.") { told.health = Answer::loading; }
    SECTION("The worker does not answer.") { told.health = std::nullopt; }
    SECTION("The worker is healthy but answers no completion.") { told.completion = std::nullopt; }
    told.wake();
    told.pass(10min - 1ms);
    CHECK(told.take() == "start");
    told.pass(1ms);
    CHECK(told.take() == "kill");
    told.pass(1h);
    CHECK(told.take().empty());  // Until the process is gone.
    told.exit("killed by signal 9");
    CHECK_THAT(
        told.last_words(),
        Contains("local-0 ended: it was not ready after 600.0 s: it ") &&
            Contains("; killed by signal 9; again in ")
    );
    told.pass(2s);
    CHECK(told.take() == "start");
}

TEST_CASE(
    "The load time of a worker that does not become ready does not reset its history.", "[worker]"
) {
    Told told;
    told.health = Answer::loading;
    told.wake();
    Duration last{};
    for (int i = 0; i < 4; ++i) {
        told.pass(10min);
        CHECK(told.take() == "start kill");
        told.exit();
        const auto pause = told.life.wake_at() - told.now;
        CHECK(pause > last);
        last = pause;
        told.pass(pause);
    }
    told.pass(10min);
    told.exit();
    CHECK(told.take() == "start kill shut");
}

TEST_CASE("A serving worker is probed every five seconds.", "[worker]") {
    Told told;
    told.serve();
    CHECK(told.take() == "start there");
    told.looks.clear();
    const auto start = told.now;
    told.pass(1min);
    CHECK(times(told, start, 3) == std::vector<long>{5000, 10'000, 15'000});
    CHECK(told.looks.size() == 12);
    CHECK(told.looks.back().second == WorkerFsm::Look::health);
    CHECK(told.take().empty());  // The worker is already reported as there.
}

TEST_CASE(
    "Three missed probes in a row kill a worker, and a good probe resets the count.", "[worker]"
) {
    const auto miss = GENERATE(Answer::silent, Answer::loading);
    Told told;
    told.serve();
    told.take();
    for (int i = 0; i < 3; ++i) {
        told.health = miss;
        told.pass(10s);
        told.health = Answer::well;
        told.pass(5s);
    }
    CHECK(told.take().empty());
    told.health = miss;
    told.pass(15s);
    CHECK(told.take() == "gone kill");
    CHECK_FALSE(told.life.is_serving());
    told.exit("killed by signal 9");
    CHECK_THAT(told.last_words(), Contains("it does not answer: it yawned; killed by signal 9;"));
}

TEST_CASE("A suspected worker is gone until a new probe finds it healthy.", "[worker]") {
    Told told;
    told.serve();
    told.pass(4s);
    told.take();
    told.suspect();
    CHECK(told.looks.back().first == told.now);
    CHECK(told.take() == "gone");
    told.answer();
    CHECK(told.take() == "there");
    told.suspect();
    told.health = Answer::silent;
    told.pass(10s);  // The probe after the suspicion is no miss; the next one is the first.
    CHECK(told.take() == "gone");
    told.pass(1s);
    CHECK(told.take() == "kill");
}

TEST_CASE("A probe that began before the suspicion does not clear it.", "[worker]") {
    Told told;
    told.serve();
    told.health = std::nullopt;
    told.pass(5s);
    const auto before = told.asked.value();
    told.take();
    told.suspect();
    told.tell(WorkerFsm::Looked{before.look, Answer::well});
    CHECK(told.take() == "gone");
    told.tell(WorkerFsm::Looked{told.asked.value().look, Answer::well});
    CHECK(told.take() == "there");
    told.tell(WorkerFsm::Looked{told.asked.value().look, Answer::silent});  // The second time.
    told.health = Answer::silent;
    told.asked.reset();
    told.pass(10s);
    CHECK(told.take().empty());
}

TEST_CASE("A probe answer of an earlier process is ignored.", "[worker]") {
    Told told;
    told.health = std::nullopt;
    told.wake();
    told.pass(10ms);
    const auto before = told.asked.value();
    told.exit();
    told.tell(WorkerFsm::Looked{before.look, Answer::well});
    told.pass(2s);
    REQUIRE(told.asked);
    told.take();
    told.tell(WorkerFsm::Looked{before.look, Answer::well});
    CHECK(told.looks.back().second == WorkerFsm::Look::health);
    CHECK(told.looks.size() == 2);
}

TEST_CASE("A suspicion of a worker that is not serving changes nothing.", "[worker]") {
    Told told;
    told.suspect();
    told.suspect(true);
    CHECK(told.life.wake_at() == never);
    told.health = Answer::loading;
    told.wake();
    told.pass(1s);
    told.suspect();
    told.pass(1s);
    told.exit();
    told.suspect(true);
    CHECK(told.take() == "start");
}

}  // namespace skein::local
