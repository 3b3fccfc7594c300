// Stopping a worker in each state; and foreign servers, which are only probed.
#include "support/catch.hpp"
#include "unit/local/lifecycle/told.hpp"

namespace skein::local {
namespace {

using Catch::Matchers::Contains;

void check_stopped(Told& told) {
    CHECK(told.life.is_over());
    CHECK(told.life.wake_at() == never);
    told.wake();
    told.suspect();
    told.suspect(true);
    told.tell(WorkerFsm::Due{});
    told.tell(WorkerFsm::Stop{});
    told.pass(1h);
    CHECK(told.take().empty());
    CHECK_FALSE(told.asked);
}

Told not_ours() { return Told{{.name = "local-0", .is_ours = false}}; }

}  // namespace

TEST_CASE("A stopped worker gets two SIGTERMs and is then killed.", "[worker]") {
    Told told;
    bool is_there = false;
    SECTION("The worker is stopped while it loads.") { told.health = Answer::loading; }
    SECTION("The worker is stopped during its first completion.") {
        told.completion = std::nullopt;
    }
    SECTION("The worker is stopped while it serves.") { is_there = true; }
    told.serve();
    told.take();
    told.tell(WorkerFsm::Stop{});
    CHECK(told.take() == (is_there ? "gone term" : "term"));
    told.pass(2s - 1ms);
    CHECK(told.take().empty());
    told.pass(1ms);
    CHECK(told.take() == "term");
    told.pass(5s - 1ms);
    CHECK(told.take().empty());
    told.pass(1ms);
    CHECK(told.take() == "kill");
    told.pass(1h);
    CHECK(told.take().empty());
    CHECK_FALSE(told.life.is_over());
    told.exit("killed by signal 9");
    check_stopped(told);
}

TEST_CASE("A worker that exits after the first SIGTERM gets no second one.", "[worker]") {
    Told told;
    told.serve();
    told.tell(WorkerFsm::Stop{});
    told.pass(30ms);
    told.exit("exit status 0");
    CHECK(told.take() == "start there gone term");
    check_stopped(told);
}

TEST_CASE("A stopped worker without a process is over at once.", "[worker]") {
    Told told;
    SECTION("The worker is asleep.") {}
    SECTION("The worker is resting.") {
        told.serve();
        told.exit();
        told.take();
    }
    told.tell(WorkerFsm::Stop{});
    CHECK(told.take().empty());
    check_stopped(told);
}

TEST_CASE("A stop does not delay a worker that is already ending.", "[worker]") {
    Told told;
    told.serve();
    std::string rest;
    SECTION("The worker drains.") {
        told.activity = {.in_flight = 1};
        told.tell(WorkerFsm::Due{});
        rest = "term term kill";
    }
    SECTION("The worker has got one SIGTERM.") {
        told.tell(WorkerFsm::Due{});
        told.pass(1s);
        rest = "term kill";
    }
    SECTION("The worker has been killed.") { told.suspect(true); }
    told.take();
    told.tell(WorkerFsm::Stop{});
    told.pass(8s);
    CHECK(told.take() == rest);
    told.exit("killed by signal 9");
    check_stopped(told);
}

TEST_CASE("A foreign server is probed, and never started or killed.", "[worker]") {
    auto told = not_ours();
    told.serve();
    CHECK(told.take() == "there");
    told.suspect(true);  // Not killed; it gets requests again after a good probe.
    told.tell(WorkerFsm::Due{});
    CHECK(told.take() == "gone");
    told.pass(1s);
    CHECK(told.take() == "there");

    told.health = Answer::silent;
    told.pass(14s);
    CHECK(told.take().empty());
    told.pass(1s);
    CHECK(told.take() == "gone");
    CHECK(told.last_words() == "local-0 is away: it does not answer: it yawned");
    told.pass(24h);
    CHECK(told.take().empty());
    told.health = Answer::well;
    told.pass(1s);
    CHECK(told.take() == "there");
    CHECK_THAT(told.last_words(), Contains("is ready after 864"));

    told.health = Answer::silent;
    told.pass(14s);
    CHECK(told.take().empty());  // The count of misses begins again.
    told.pass(1s);
    CHECK(told.take() == "gone");
}

TEST_CASE("A foreign server that is stuck is marked as gone and probed again.", "[worker]") {
    auto told = not_ours();
    told.serve();
    told.activity = {.in_flight = 1};
    told.take();
    told.pass(65s);
    CHECK(told.take() == "gone");
    told.completion = std::nullopt;
    told.pass(1h);
    CHECK(told.looks.back().second == WorkerFsm::Look::completion);
    CHECK(told.take().empty());
    told.completion = Answer::well;
    told.answer();
    CHECK(told.take() == "there");
}

TEST_CASE("A foreign server that never becomes ready is given up.", "[worker]") {
    auto told = not_ours();
    told.health = Answer::loading;
    told.wake();
    told.pass(10min);
    CHECK(told.take() == "shut");
    CHECK(told.why_shut == "it was not ready after 600.0 s: it yawned");
    CHECK(told.life.wake_at() == never);
}

TEST_CASE("A foreign server is left alone when skein stops.", "[worker]") {
    auto told = not_ours();
    told.serve();
    told.pass(3s);
    told.take();
    told.tell(WorkerFsm::Stop{});
    CHECK(told.take() == "gone");
    check_stopped(told);
}

}  // namespace skein::local
