#include "support/catch.hpp"
#include "unit/dispatch/told.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

struct Reading : test::Told {
    explicit Reading(const Dispatcher::Settings& settings = {})
        : Told{settings, {{.name = "a", .places = 8}, {.name = "b", .places = 8}}} {}

    void begin(TimePoint now, const Attempt& attempt) {
        tell(now, Dispatcher::AttemptChunk{attempt.id});
    }
    void finish(TimePoint now, const Attempt& attempt, Outcome outcome) {
        Told::finish(now, attempt.id, std::move(outcome), {now - 100ms, now, now, now});
    }
};

// Two attempts of request 1000 are in flight: the hedge is the second.
struct Hedged : Reading {
    Hedged() : Reading{{.hedging = true}} {
        for (Sequence seq = 0; seq < 100; ++seq) {
            submit(noon, seq);
            finish(noon, started.back(), Completion{});
        }
        started.clear();
        delivered.clear();
        submit(noon, 1000);
        tell(noon + 1s, Dispatcher::TimePassed{});
        REQUIRE(started.size() == 2);
    }
};

const Fault broken{.kind = FaultKind::connection_lost, .detail = "it broke"};

TEST_CASE("A request whose answer was handed on in part is not retried.", "[chunks]") {
    Reading told;
    told.submit(noon, 1);
    told.begin(noon, told.started[0]);
    CHECK(told.handed_on == std::vector{told.started[0].id});
    told.finish(noon + 1s, told.started[0], broken);
    CHECK(told.started.size() == 1);
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::connection_lost);
    CHECK(told.last_fault().detail == "it broke; its answer had begun");
    CHECK(told.delivered[0].reply.begun);
    CHECK(told.delivered[0].reply.attempts == 1);
    CHECK(told.dispatcher.wake_at(noon + 1s) == never);
    CHECK(told.dispatcher.tally().is_consistent());
}

TEST_CASE("A request is retried until the first piece of an answer.", "[chunks]") {
    Reading told;
    told.submit(noon, 1);
    told.finish(noon, told.started[0], broken);
    told.tell(told.dispatcher.wake_at(noon), Dispatcher::TimePassed{});
    REQUIRE(told.started.size() == 2);
    CHECK(told.handed_on.empty());
    told.begin(noon + 1s, told.started[1]);
    told.finish(noon + 2s, told.started[1], Completion{.text = "yes"});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].reply.completion()->text == "yes");
    CHECK(told.delivered[0].reply.begun);
    CHECK(told.delivered[0].reply.attempts == 2);
}

TEST_CASE("An answer that was handed on and is not as it must be is not asked again.", "[chunks]") {
    for (const bool has_begun : {false, true}) {
        Reading told;
        told.submit(noon, 1);
        if (has_begun) told.begin(noon, told.started[0]);
        AttemptResult result;
        result.outcome = Fault{.kind = FaultKind::invalid_output};
        result.unfit = std::make_shared<const Unfit>(Unfit{.again = told.started[0].request});
        told.tell(noon, Dispatcher::AttemptDone{told.started[0].id, std::move(result)});
        CHECK(told.started.size() == (has_begun ? 1 : 2));
        CHECK(told.delivered.size() == (has_begun ? 1 : 0));
    }
}

TEST_CASE("Of two attempts the one whose first piece comes first is the answer.", "[chunks]") {
    for (const std::size_t first : {0u, 1u}) {
        Hedged told;
        const auto& chosen = told.started[first];
        const auto& other = told.started[1 - first];
        told.begin(noon + 2s, chosen);
        CHECK(told.handed_on == std::vector{chosen.id});
        CHECK(told.stopped == std::vector{other.id});
        told.begin(noon + 2s, other);
        CHECK(told.handed_on.size() == 1);
        // It was complete before it could be stopped, but its pieces are another answer's.
        told.finish(noon + 2s, other, Completion{.text = "other"});
        CHECK(told.delivered.empty());
        told.finish(noon + 3s, chosen, Completion{.text = "chosen"});
        REQUIRE(told.delivered.size() == 1);
        CHECK(told.delivered[0].reply.completion()->text == "chosen");
        CHECK(told.delivered[0].reply.endpoint == told.dispatcher.desk().name(chosen.endpoint));
        CHECK(told.delivered[0].reply.maybe_executed == 2);
        CHECK(told.dispatcher.tally().is_consistent());
    }
}

TEST_CASE("The fault of a begun answer is the reply, whatever becomes of the hedge.", "[chunks]") {
    Hedged told;
    told.begin(noon + 2s, told.started[0]);
    told.finish(noon + 3s, told.started[0], broken);
    CHECK(told.delivered.empty());  // The hedge is being stopped.
    told.finish(noon + 3s, told.started[1], Completion{.text = "other"});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::connection_lost);
    CHECK(
        told.delivered[0].reply.endpoint == told.dispatcher.desk().name(told.started[0].endpoint)
    );
    CHECK(told.started.size() == 2);
}

TEST_CASE(
    "A final fault of one of two attempts does not hide the pieces of the other.", "[chunks]"
) {
    Hedged told;
    told.finish(noon + 2s, told.started[0], Fault{.kind = FaultKind::rejected});
    told.begin(noon + 2s, told.started[1]);
    CHECK(told.handed_on == std::vector{told.started[1].id});
    told.finish(noon + 3s, told.started[1], Completion{.text = "yes"});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].reply.completion()->text == "yes");
}

TEST_CASE("No hedge follows the first piece of an answer.", "[chunks]") {
    Hedged told;
    told.submit(noon + 2s, 2000);
    const auto attempt = told.started.back();
    told.begin(noon + 2s, attempt);
    told.tell(noon + 1h, Dispatcher::TimePassed{});
    CHECK(told.started.back().id == attempt.id);
    CHECK(told.dispatcher.wake_at(noon + 1h) == never);
}

TEST_CASE("Nothing is handed on of a request that was told to stop.", "[chunks]") {
    Reading told;
    told.submit(noon, 1);
    told.tell(noon, Dispatcher::Cancel{1});
    told.begin(noon, told.started[0]);
    CHECK(told.handed_on.empty());
    told.finish(noon, told.started[0], Fault{.kind = FaultKind::cancelled});
    REQUIRE(told.delivered.size() == 1);
    CHECK_FALSE(told.delivered[0].reply.begun);
}

TEST_CASE("A begun answer ends at its deadline and by a cancel as any other.", "[chunks]") {
    Reading told;
    told.submit(noon, 1, 10s);
    told.submit(noon, 2);
    for (const auto& attempt : std::vector{told.started}) told.begin(noon, attempt);
    told.tell(noon + 1s, Dispatcher::Cancel{2});
    CHECK(told.stopped == std::vector{told.started[1].id});
    told.finish(noon + 1s, told.started[1], Fault{.kind = FaultKind::cancelled});
    CHECK(told.last_fault().kind == FaultKind::cancelled);
    told.tell(noon + 10s, Dispatcher::TimePassed{});
    told.finish(noon + 10s, told.started[0], Fault{.kind = FaultKind::cancelled});
    CHECK(told.last_fault().kind == FaultKind::deadline);
    CHECK(told.last_fault().detail == "its deadline passed; its answer had begun");
}

}  // namespace
}  // namespace skein
