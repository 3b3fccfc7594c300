// How a worker ends, and what comes after.
#include "support/catch.hpp"
#include "unit/local/lifecycle/told.hpp"

namespace skein::worker {
namespace {

using Catch::Matchers::Contains;

LifeSettings never_given_up() { return {.restarts = {.starts = 1000}}; }

}  // namespace

TEST_CASE("any end is a failure, also with status 0", "[worker]") {
    const std::string how = GENERATE("exit status 0", "exit status 1", "killed by signal 11");
    Told told;
    SECTION("while it loads") {
        told.health = Answer::loading;
        told.serve();
        CHECK(told.take() == "start");
        told.exit(how);
        CHECK(told.take().empty());
    }
    SECTION("while it is asked for the first time") {
        told.completion = std::nullopt;
        told.serve();
        CHECK(told.take() == "start");
        told.exit(how);
        CHECK(told.take().empty());
    }
    SECTION("while it serves") {
        told.serve();
        CHECK(told.take() == "start there");
        told.exit(how);
        CHECK(told.take() == "gone");
    }
    CHECK_THAT(told.last_words(), Contains("local-0 ended: " + how + "; again in "));
    CHECK(told.life.has_come_out_of_loading());
    told.pass(790ms);
    CHECK(told.take().empty());
    told.health = told.completion = Answer::well;
    told.pass(450ms);
    CHECK(told.take() == "start there");
}

TEST_CASE("who fails is started again after 1, 2, 4 … 60 s", "[worker]") {
    Told told{never_given_up()};
    told.health = Answer::loading;
    told.wake();
    for (const double seconds : {1., 2., 4., 8., 16., 32., 60., 60.}) {
        told.exit();
        CHECK(told.take() == "start");
        const std::chrono::duration<double> pause = told.life.wake_at() - told.now;
        CHECK(pause.count() >= seconds * 0.8);
        CHECK(pause.count() <= seconds * 1.2);
        told.pass(80s);
    }
}

TEST_CASE("ten minutes of service, and all that went before is forgotten", "[worker]") {
    Told told{never_given_up()};
    told.serve();
    for (int i = 0; i < 6; ++i) {
        told.exit();
        told.pass(40s);
    }
    told.pass(10min);
    REQUIRE(told.life.is_serving());
    told.exit();
    CHECK(told.life.wake_at() - told.now <= 1200ms);
    told.pass(9min);
    told.exit();
    CHECK(told.life.wake_at() - told.now >= 1600ms);
}

TEST_CASE("five starts within five minutes, and it is given up with its last words", "[worker]") {
    Told told;
    told.wake();
    for (int i = 0; i < 4; ++i) {
        told.exit();
        told.pass(10s);
    }
    CHECK(told.life.starts() == 5);
    CHECK_FALSE(told.life.is_given_up());
    told.exit("exit status 1; its last words: no such file");
    CHECK_THAT(told.take(), Catch::Matchers::EndsWith("there gone shut"));
    const std::string why =
        "it was started 5 times in vain; the last time: exit status 1; its last words: no "
        "such file";
    CHECK(told.why_shut == why);
    CHECK(told.last_words() == "local-0 is given up for this run: " + why);
    CHECK(told.life.is_given_up());

    told.looks.clear();
    told.wake();
    told.suspect(true);
    told.tell(WorkerFsm::Due{});
    CHECK(told.life.wake_at() == never);
    told.pass(1h);
    told.tell(WorkerFsm::Stop{});
    CHECK(told.take().empty());
    CHECK(told.looks.empty());
    CHECK(told.life.is_over());
}

TEST_CASE("who fails once in two minutes is never given up", "[worker]") {
    Told told;
    told.serve();
    for (int i = 0; i < 100; ++i) {
        told.pass(2min);
        told.exit();
        REQUIRE_FALSE(told.life.is_given_up());
    }
}

TEST_CASE("a CUDA error kills at once", "[worker]") {
    Told told;
    std::string before = "start";
    std::string after = "kill";
    SECTION("while it loads") {
        told.health = Answer::loading;
        told.serve();
    }
    SECTION("while it is asked for the first time") {
        told.completion = std::nullopt;
        told.serve();
    }
    SECTION("while it serves") {
        told.serve();
        before = "start there";
        after = "gone kill";
    }
    SECTION("while what it is at is waited for") {
        told.serve();
        told.activity = {.in_flight = 1};
        told.tell(WorkerFsm::Due{});
        before = "start there gone";
    }
    CHECK(told.take() == before);
    told.suspect(true);
    CHECK(told.take() == after);
    told.suspect(true);
    told.suspect();
    told.pass(1h);
    CHECK(told.take().empty());
    told.exit("killed by signal 9");
    CHECK_THAT(
        told.last_words(),
        Contains("every call to it fails from now on: CUDA error: misaligned address; killed by")
    );
    told.health = told.completion = Answer::well;
    told.pass(2s);
    CHECK(told.take() == "start there");
}

TEST_CASE("out of memory while loading: once more with less, then given up", "[worker]") {
    Told told;
    told.health = Answer::loading;
    told.wake();
    told.pass(10s);
    told.exit("exit status 1", true);
    CHECK(told.take() == "start start-smaller");  // At once: nothing gets better by waiting.
    CHECK_THAT(told.last_words(), Contains("ran out of memory while loading"));
    told.pass(10s);
    told.exit("exit status 1; its last words: CUDA out of memory", true);
    CHECK(told.take() == "shut");
    CHECK(
        told.why_shut ==
        "there is not enough memory for it, also with less context; choose a smaller model, or "
        "lower context or in_flight_per_worker: exit status 1; its last words: CUDA out of memory"
    );
}

TEST_CASE("who needed less memory once needs less for ever", "[worker]") {
    Told told;
    told.wake();
    told.exit("exit status 1", true);
    told.pass(1min);
    told.exit();
    told.pass(2s);
    CHECK(told.take() == "start start-smaller there gone start-smaller there");
}

TEST_CASE("who runs out of memory and hangs is helped by less as well", "[worker]") {
    Told told;
    told.health = Answer::loading;
    told.wake();
    told.pass(10min);
    told.exit("killed by signal 9", true);
    CHECK(told.take() == "start kill start-smaller");
}

TEST_CASE("out of memory in service is a failure like any other", "[worker]") {
    Told told;
    told.serve();
    told.exit("killed by signal 9", true);
    told.pass(2s);
    CHECK(told.take() == "start there gone start there");
}

TEST_CASE("a worker that is due is replaced at once, when it has nothing left to do", "[worker]") {
    Told told;
    told.serve();
    told.activity = {.in_flight = 2};
    told.take();
    told.tell(WorkerFsm::Due{});
    told.tell(WorkerFsm::Due{});
    CHECK(told.take() == "gone");
    told.pass(20s);
    CHECK(told.take().empty());
    told.suspect();
    told.activity = {};
    told.pass(10ms);
    CHECK(told.take() == "term");
    told.exit("exit status 0");
    CHECK(told.take() == "start");
    told.pass(10ms);
    CHECK(told.take() == "there");
}

TEST_CASE("what a worker is at is waited for half a minute, no longer", "[worker]") {
    Told told;
    told.serve();
    told.activity = {.in_flight = 2};
    told.tell(WorkerFsm::Due{});
    told.take();
    told.pass(30s - 1ms);
    CHECK(told.take().empty());
    told.pass(1ms);
    CHECK(told.take() == "term");
    told.pass(7s);
    CHECK(told.take() == "term kill");
    told.exit("killed by signal 9");
    CHECK(told.take() == "start");
}

TEST_CASE("to be replaced is no failure", "[worker]") {
    Told told;
    told.serve();
    for (int i = 0; i < 20; ++i) {
        told.tell(WorkerFsm::Due{});
        told.pass(10ms);
        told.exit("exit status 0");
        told.pass(10ms);
        REQUIRE(told.life.is_serving());
    }
    CHECK(told.life.starts() == 1);
    told.exit();
    CHECK(told.life.wake_at() - told.now <= 1200ms);
}

TEST_CASE("who is not ready is not due", "[worker]") {
    Told told;
    told.tell(WorkerFsm::Due{});
    told.health = Answer::loading;
    told.wake();
    told.pass(1s);
    told.tell(WorkerFsm::Due{});
    told.pass(1min);
    CHECK(told.take() == "start");
}

}  // namespace skein::worker
