#include "support/catch.hpp"
#include "unit/dispatch/told.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

// Two endpoints that begin their answers after 100 ms, known from a hundred of them.
struct Hedging : test::Told {
    explicit Hedging(bool hedging = true)
        : Told{{.hedging = hedging}, {{.name = "a", .places = 8}, {.name = "b", .places = 8}}} {
        for (Sequence seq = 0; seq < 100; ++seq) {
            submit(noon, seq);
            finish(noon, started.back(), Completion{});
        }
        started.clear();
        delivered.clear();
    }

    void finish(TimePoint now, const Attempt& attempt, Outcome outcome) {
        Told::finish(now, attempt.id, std::move(outcome), {now - 100ms, now, now, now});
    }
    void pass(TimePoint now) { tell(now, Dispatcher::TimePassed{}); }
};

TEST_CASE(
    "An answer that is late to begin causes a hedge, and the first answer counts.", "[hedge]"
) {
    Hedging told;
    told.submit(noon, 1000);
    CHECK(told.dispatcher.wake_at(noon) == noon + 1s);
    told.pass(noon + 1s);
    REQUIRE(told.started.size() == 2);
    CHECK(told.started[0].endpoint != told.started[1].endpoint);
    CHECK(told.started[1].seq == 1000);
    CHECK(told.started[1].number == 2);

    told.finish(noon + 2s, told.started[1], Completion{.text = "second"});
    CHECK(told.stopped == std::vector{told.started[0].id});
    CHECK(told.dispatcher.tally().waiting == 0);

    told.finish(noon + 2001ms, told.started[0], Fault{.kind = FaultKind::cancelled});
    REQUIRE(told.delivered.size() == 1);
    const auto& reply = told.delivered[0].reply;
    CHECK(reply.completion()->text == "second");
    CHECK(reply.attempts == 2);
    CHECK(reply.maybe_executed == 2);  // The other may be billed.
    const auto tally = told.dispatcher.tally();
    CHECK(tally.is_consistent());
    CHECK(tally.hedges == 1);
    CHECK(tally.retries == 0);
    CHECK(tally.attempts == 102);
}

TEST_CASE(
    "An answer that has begun causes no hedge, and no request is hedged with hedging off.",
    "[hedge]"
) {
    Hedging told;
    told.submit(noon, 1000);
    told.tell(noon + 999ms, Dispatcher::AttemptBegan{told.started[0].id});
    told.pass(noon + 1s);
    told.pass(noon + 1h);
    CHECK(told.started.size() == 1);

    Hedging off{false};
    off.submit(noon, 1000);
    CHECK(off.dispatcher.wake_at(noon) == never);
}

TEST_CASE("At most one in twenty requests is hedged.", "[hedge]") {
    Hedging told;  // A hundred were asked: five, then.
    for (Sequence seq = 1000; seq < 1008; ++seq) told.submit(noon, seq);
    CHECK(told.started.size() == 8);
    told.pass(noon + 1s);
    CHECK(told.started.size() == 8);  // And none where there is no room.
    for (int i = 0; i < 20; ++i) {
        for (std::size_t at = 0; at < told.started.size(); ++at) {
            const auto attempt = told.started[at];
            told.finish(noon + 2s, attempt, Completion{});
        }
        told.started.clear();
        told.submit(noon + i * 10s, static_cast<Sequence>(2000 + i));
        told.pass(noon + i * 10s + 1s);
    }
    CHECK(told.dispatcher.tally().hedges == 6);  // One in twenty of 108 to 128 requests.
}

TEST_CASE(
    "A fault of one of two attempts is not final while the other may still answer.", "[hedge]"
) {
    Hedging told;
    told.submit(noon, 1000);
    told.pass(noon + 1s);
    told.finish(noon + 2s, told.started[0], Fault{.kind = FaultKind::server_error});
    CHECK(told.delivered.empty());
    CHECK(told.started.size() == 2);
    told.finish(noon + 3s, told.started[1], Completion{.text = "yes"});
    CHECK(told.delivered.at(0).reply.completion());
    CHECK(told.stopped.empty());
}

TEST_CASE(
    "A fault without a retry at one of two attempts prevents a retry of the request.", "[hedge]"
) {
    Hedging told;
    told.submit(noon, 1000);
    told.pass(noon + 1s);
    told.finish(noon + 2s, told.started[0], Fault{.kind = FaultKind::rejected});
    told.finish(noon + 2s, told.started[1], Fault{.kind = FaultKind::server_error});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::rejected);
}

TEST_CASE(
    "A refused key at one of two attempts does not hide the refusal at the other.", "[hedge]"
) {
    Hedging told;
    told.submit(noon, 1000);
    told.pass(noon + 1s);
    told.finish(noon + 2s, told.started[0], Fault{.kind = FaultKind::rejected});
    told.finish(noon + 2s, told.started[1], Fault{.kind = FaultKind::auth});
    CHECK(told.last_fault().kind == FaultKind::rejected);
    CHECK(told.delivered.at(0).reply.endpoint == (told.started[0].endpoint == 0 ? "a" : "b"));
}

TEST_CASE("A hedge that could not end before the deadline is not started.", "[hedge]") {
    Hedging told;
    told.submit(noon, 1000, 1100ms);
    told.pass(noon + 1s);
    CHECK(told.started.size() == 1);
}

TEST_CASE("An answer survives a cancel that comes while the other attempt is stopped.", "[hedge]") {
    Hedging told;
    told.submit(noon, 1000);
    told.pass(noon + 1s);
    told.finish(noon + 2s, told.started[0], Completion{.text = "yes"});
    told.tell(noon + 2s, Dispatcher::Cancel{1000});
    told.finish(noon + 2s, told.started[1], Fault{.kind = FaultKind::cancelled});
    CHECK(told.delivered.at(0).reply.completion());
}

TEST_CASE("A cancel stops the first attempt and its hedge.", "[hedge]") {
    Hedging told;
    told.submit(noon, 1000);
    told.pass(noon + 1s);
    told.tell(noon + 1s, Dispatcher::Cancel{1000});
    CHECK(told.stopped.size() == 2);
    told.finish(noon + 1s, told.started[0], Fault{.kind = FaultKind::cancelled});
    CHECK(told.delivered.empty());
    told.finish(noon + 1s, told.started[1], Fault{.kind = FaultKind::cancelled});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].reply.fault()->kind == FaultKind::cancelled);
    CHECK(told.dispatcher.tally().is_consistent());
}

}  // namespace
}  // namespace skein
