// The end of a worker process and the reaction to it.
#include "support/catch.hpp"
#include "unit/local/lifecycle/told.hpp"

namespace skein::local {
namespace {

using Catch::Matchers::Contains;

LifeSettings never_given_up() { return {.restarts = {.starts = 1000}}; }

}  // namespace

TEST_CASE("Any exit of a worker is a failure, even with status 0.", "[worker]") {
    const std::string how = GENERATE("exit status 0", "exit status 1", "killed by signal 11");
    Told told;
    SECTION("The worker exits while it loads.") {
        told.health = Answer::loading;
        told.serve();
        CHECK(told.take() == "start");
        told.exit(how);
        CHECK(told.take().empty());
    }
    SECTION("The worker exits during its first completion.") {
        told.completion = std::nullopt;
        told.serve();
        CHECK(told.take() == "start");
        told.exit(how);
        CHECK(told.take().empty());
    }
    SECTION("The worker exits while it serves.") {
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

TEST_CASE("A failing worker is started again after 1, 2, 4 … 60 s.", "[worker]") {
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

TEST_CASE("Ten minutes of service reset the restart history of a worker.", "[worker]") {
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

TEST_CASE(
    "A worker is given up after five starts within five minutes, with its last words.", "[worker]"
) {
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

TEST_CASE("A worker that fails once in two minutes is never given up.", "[worker]") {
    Told told;
    told.serve();
    for (int i = 0; i < 100; ++i) {
        told.pass(2min);
        told.exit();
        REQUIRE_FALSE(told.life.is_given_up());
    }
}

TEST_CASE("A CUDA error kills a worker at once.", "[worker]") {
    Told told;
    std::string before = "start";
    std::string after = "kill";
    SECTION("The CUDA error comes while the worker loads.") {
        told.health = Answer::loading;
        told.serve();
    }
    SECTION("The CUDA error comes during the first completion.") {
        told.completion = std::nullopt;
        told.serve();
    }
    SECTION("The CUDA error comes while the worker serves.") {
        told.serve();
        before = "start there";
        after = "gone kill";
    }
    SECTION("The CUDA error comes while the worker drains.") {
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

TEST_CASE(
    "A worker that runs out of memory while loading is started once more with less, then given up.",
    "[worker]"
) {
    Told told;
    told.health = Answer::loading;
    told.wake();
    told.pass(10s);
    told.exit("exit status 1", true);
    CHECK(told.take() == "start start-smaller");  // At once, because waiting frees no memory.
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

TEST_CASE("A worker that needed less memory once keeps the smaller settings.", "[worker]") {
    Told told;
    told.wake();
    told.exit("exit status 1", true);
    told.pass(1min);
    told.exit();
    told.pass(2s);
    CHECK(told.take() == "start start-smaller there gone start-smaller there");
}

TEST_CASE("A worker that runs out of memory and hangs is started again with less.", "[worker]") {
    Told told;
    told.health = Answer::loading;
    told.wake();
    told.pass(10min);
    told.exit("killed by signal 9", true);
    CHECK(told.take() == "start kill start-smaller");
}

TEST_CASE("Running out of memory in service is a failure like any other.", "[worker]") {
    Told told;
    told.serve();
    told.exit("killed by signal 9", true);
    told.pass(2s);
    CHECK(told.take() == "start there gone start there");
}

TEST_CASE("A worker that is due is replaced at once if no request is in flight.", "[worker]") {
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

TEST_CASE("A worker that is due waits for its requests at most 30 s.", "[worker]") {
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

TEST_CASE("A planned replacement does not count as a failure.", "[worker]") {
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

TEST_CASE("A worker that is not ready cannot be due.", "[worker]") {
    Told told;
    told.tell(WorkerFsm::Due{});
    told.health = Answer::loading;
    told.wake();
    told.pass(1s);
    told.tell(WorkerFsm::Due{});
    told.pass(1min);
    CHECK(told.take() == "start");
}

}  // namespace skein::local
