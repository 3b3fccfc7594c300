// How a worker comes to serve, and how it is watched while it does.
#include "local/lifecycle/worker_fsm.hpp"

#include "support/catch.hpp"
#include "unit/local/lifecycle/told.hpp"

namespace skein::worker {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

// When it was looked at, in milliseconds since it was started.
std::vector<long> times(const Told& told, TimePoint start, std::size_t most) {
    std::vector<long> times;
    for (const auto& [when, what] : told.looks) {
        if (times.size() < most) times.push_back((when - start) / 1ms);
    }
    return times;
}

}  // namespace

TEST_CASE("a worker sleeps until it is called, and is called once", "[worker]") {
    Told told;
    CHECK(told.life.wake_at() == never);
    told.pass(1h);
    CHECK(told.take().empty());
    told.wake();
    told.wake();
    CHECK(told.take() == "start");
    CHECK(told.looks.empty());
}

TEST_CASE("while it loads it is looked at ever more rarely, from 10 ms to 1 s", "[worker]") {
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

TEST_CASE("three minutes of 503 are waited for, and nobody is told or killed", "[worker]") {
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

TEST_CASE("it is ready when it has answered a question, not when it says so", "[worker]") {
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
    CHECK(told.looks.size() > 4);  // Its health is asked first each time.
    CHECK(told.take().empty());

    told.completion = Answer::well;
    told.pass(1s);
    CHECK(told.take() == "there");
}

TEST_CASE("what is not ready in its time is killed, and started again", "[worker]") {
    Told told;
    SECTION("it says that it loads") { told.health = Answer::loading; }
    SECTION("it does not even answer") { told.health = std::nullopt; }
    SECTION("it is well and answers no question") { told.completion = std::nullopt; }
    told.wake();
    told.pass(10min - 1ms);
    CHECK(told.take() == "start");
    told.pass(1ms);
    CHECK(told.take() == "kill");
    told.pass(1h);
    CHECK(told.take().empty());  // Until it is gone.
    told.exit("killed by signal 9");
    CHECK_THAT(
        told.last_words(),
        Contains("local-0 ended: it was not ready after 600.0 s: it ") &&
            Contains("; killed by signal 9; again in ")
    );
    told.pass(2s);
    CHECK(told.take() == "start");
}

TEST_CASE("a worker that does not become ready is not forgiven for the time it took", "[worker]") {
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

TEST_CASE("while it serves it is looked at every five seconds", "[worker]") {
    Told told;
    told.serve();
    CHECK(told.take() == "start there");
    told.looks.clear();
    const auto start = told.now;
    told.pass(1min);
    CHECK(times(told, start, 3) == std::vector<long>{5000, 10'000, 15'000});
    CHECK(told.looks.size() == 12);
    CHECK(told.looks.back().second == WorkerFsm::Look::health);
    CHECK(told.take().empty());  // It is known to be there.
}

TEST_CASE("three misses in a row kill it, and a good look forgives two", "[worker]") {
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

TEST_CASE("a suspect is gone until a fresh look finds it well", "[worker]") {
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
    told.pass(10s);  // What it was suspected for is no miss; a second later is the first.
    CHECK(told.take() == "gone");
    told.pass(1s);
    CHECK(told.take() == "kill");
}

TEST_CASE("a look that began before the suspicion says nothing about it", "[worker]") {
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
    told.tell(WorkerFsm::Looked{told.asked.value().look, Answer::silent});  // Twice.
    told.health = Answer::silent;
    told.asked.reset();
    told.pass(10s);
    CHECK(told.take().empty());
}

TEST_CASE("what an earlier process answers is not heard", "[worker]") {
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

TEST_CASE("suspicion of who is not there changes nothing", "[worker]") {
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

}  // namespace skein::worker
