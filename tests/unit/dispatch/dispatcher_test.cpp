#include "support/catch.hpp"
#include "unit/dispatch/told.hpp"

#include <algorithm>
#include <memory>

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

// With one endpoint.
struct Told : test::Told {
    explicit Told(Dispatcher::Settings settings = {}, std::size_t places = 1)
        : test::Told{settings, {{.name = "main", .places = places}}} {}

    // The attempt that was started last, or so many before it.
    void finish(TimePoint now, Outcome outcome, std::size_t which = 0) {
        const auto id = started.at(started.size() - 1 - which).id;
        test::Told::finish(now, id, std::move(outcome), {now, now, now, now});
    }
};

const Fault server_error{.kind = FaultKind::server_error, .detail = "500"};

TEST_CASE("A request is started, answered and delivered once.", "[dispatch]") {
    Told told;
    told.submit(noon, 1);
    REQUIRE(told.started.size() == 1);
    told.finish(noon + 1s, Completion{.text = "four"});
    REQUIRE(told.delivered.size() == 1);
    const auto& reply = told.delivered[0].reply;
    CHECK(reply.completion()->text == "four");
    CHECK(reply.attempts == 1);
    CHECK(reply.maybe_executed == 1);
    CHECK(reply.endpoint == "main");
    CHECK(reply.timing.total == 1s);
    CHECK(told.dispatcher.tally().is_consistent());
}

TEST_CASE("A failed request is retried after its pause, before newer requests.", "[dispatch]") {
    Told told;
    told.submit(noon, 1);
    told.submit(noon, 2);
    told.submit(noon, 3);
    told.finish(noon + 1ms, server_error);
    REQUIRE(told.started.size() == 2);
    CHECK(told.started[1].seq == 2);  // The place did not stand empty.
    const auto wake = told.dispatcher.wake_at(noon + 1ms);
    CHECK(wake > noon + 1ms);
    CHECK(wake <= noon + 501ms);
    told.tell(wake, Dispatcher::TimePassed{});
    told.finish(wake, Completion{});
    REQUIRE(told.started.size() == 3);
    CHECK(told.started[2].seq == 1);
    CHECK(told.started[2].number == 2);
}

TEST_CASE("An answer that arrives before a cancel takes effect is delivered.", "[dispatch]") {
    Told told;
    told.submit(noon, 1);
    told.tell(noon, Dispatcher::Cancel{1});
    CHECK(told.stopped.size() == 1);
    CHECK(told.delivered.empty());
    told.finish(noon, Completion{.text = "paid for"});
    CHECK(told.delivered.at(0).reply.completion()->text == "paid for");
}

TEST_CASE(
    "A cancel ends a waiting request at once, and one in flight after its attempt ended.",
    "[dispatch]"
) {
    Told told;
    told.submit(noon, 1);
    told.submit(noon, 2);
    told.tell(noon, Dispatcher::Cancel{2});
    CHECK(told.last_fault().kind == FaultKind::cancelled);
    CHECK(told.delivered.back().reply.attempts == 0);

    told.finish(noon, server_error);
    told.tell(noon, Dispatcher::Cancel{1});
    CHECK(told.delivered.size() == 2);
    CHECK(told.delivered.back().reply.attempts == 1);
    CHECK(told.dispatcher.held() == 0);
    CHECK(told.dispatcher.wake_at(noon) == never);
    told.tell(noon, Dispatcher::Cancel{77});
    CHECK(told.delivered.size() == 2);
}

TEST_CASE("A deadline ends a request in line and stops an attempt in flight.", "[dispatch]") {
    Told told;
    told.submit(noon, 1, 10s);
    told.submit(noon, 2, 5s);
    CHECK(told.dispatcher.wake_at(noon) == noon + 4500ms);  // Too late to be worth a try.
    told.tell(noon + 4500ms, Dispatcher::TimePassed{});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].seq == 2);
    CHECK(told.last_fault().kind == FaultKind::deadline);
    told.tell(noon + 10s, Dispatcher::TimePassed{});
    REQUIRE(told.stopped.size() == 1);
    told.finish(noon + 10s, Fault{.kind = FaultKind::cancelled});
    CHECK(told.last_fault().kind == FaultKind::deadline);
}

TEST_CASE(
    "Silence until the deadline is evidence against the endpoint, unless the attempt began late.",
    "[dispatch]"
) {
    const auto is_well_after = [](Duration waited_in_line) {
        Told told{{}, 5};
        // They take all places, so that the others wait in line while their time runs.
        for (Sequence seq = 0; seq < 5; ++seq) told.submit(noon, seq);
        for (Sequence seq = 5; seq < 10; ++seq) told.submit(noon, seq, 20s);
        for (Sequence seq = 0; seq < 5; ++seq) {
            const Fault refusal{.kind = FaultKind::rejected, .http_status = 400};
            const auto at = noon + waited_in_line;
            told.test::Told::finish(at, told.started.at(seq).id, refusal, {noon, at, at, at});
        }
        told.tell(noon + 20s, Dispatcher::TimePassed{});
        REQUIRE(told.stopped.size() == 5);
        for (const auto id : told.stopped) {
            AttemptResult stopped{Fault{.kind = FaultKind::cancelled}, {}, true};
            told.tell(noon + 20s, Dispatcher::AttemptDone{id, std::move(stopped)});
        }
        CHECK(told.delivered.size() == 10);
        return told.dispatcher.desk().is_any_well(noon + 20s);
    };
    CHECK(!is_well_after(0s));
    CHECK(!is_well_after(10s));
    CHECK(is_well_after(11s));
}

TEST_CASE("A retry that could not end before the deadline is not waited for.", "[dispatch]") {
    Told told;
    told.submit(noon, 1, 10s);
    told.finish(noon + 1s, Fault{.kind = FaultKind::throttled, .detail = "429", .retry_after = 9s});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::deadline);
    CHECK(told.last_fault().detail.find("429") != std::string::npos);
}

TEST_CASE("A Retry-After above the maximum ends the request as parked.", "[dispatch]") {
    Told told;
    told.submit(noon, 1);
    told.finish(noon, Fault{.kind = FaultKind::throttled, .retry_after = 24h});
    CHECK(told.last_fault().kind == FaultKind::parked);
}

TEST_CASE("A fault without a retry keeps its kind, however long the Retry-After is.") {
    for (const auto kind : {FaultKind::quota, FaultKind::rejected}) {
        Told told;
        told.submit(noon, 1);
        told.finish(noon, Fault{.kind = kind, .retry_after = 24h});
        CHECK(told.last_fault().kind == kind);
    }
}

TEST_CASE("After StopStarting no request is retried and no new request is served.", "[dispatch]") {
    Told told;
    told.submit(noon, 1);
    told.tell(noon, Dispatcher::StopStarting{});
    told.submit(noon, 2);
    CHECK(told.last_fault().kind == FaultKind::cancelled);
    told.finish(noon, server_error);
    REQUIRE(told.delivered.size() == 2);
    CHECK(told.last_fault().kind == FaultKind::cancelled);
    CHECK(told.last_fault().detail.find("server_error") != std::string::npos);
    CHECK(told.started.size() == 1);
}

TEST_CASE(
    "A refused key at the only endpoint ends all waiting requests with the reason.", "[dispatch]"
) {
    Told told;
    for (const Sequence seq : {1u, 2u, 3u}) told.submit(noon, seq);
    told.finish(noon, Fault{.kind = FaultKind::auth, .detail = "401 from main"});
    REQUIRE(told.delivered.size() == 3);
    CHECK(std::get<Fault>(told.delivered[0].reply.outcome).kind == FaultKind::auth);
    CHECK(told.last_fault().kind == FaultKind::no_endpoint);
    CHECK(told.last_fault().detail.find("401 from main") != std::string::npos);
    CHECK(told.said.size() == 1);
    CHECK(told.started.size() == 1);
}

TEST_CASE("StopStarting lets attempts in flight finish.", "[dispatch]") {
    Told told{{}, 2};
    for (const Sequence seq : {1u, 2u, 3u}) told.submit(noon, seq);
    told.tell(noon, Dispatcher::StopStarting{});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].seq == 3);
    CHECK(told.stopped.empty());
    told.finish(noon, Completion{});
    told.finish(noon, Completion{}, 1);
    CHECK(told.dispatcher.tally().completed == 2);
    CHECK(told.dispatcher.tally().is_consistent());
}

TEST_CASE(
    "The window is bounded in requests and in bytes, and one request always fits.", "[dispatch]"
) {
    Told told{{.window = 2, .window_bytes = 1}};
    CHECK(told.dispatcher.has_room());
    told.submit(noon, 1);
    CHECK(!told.dispatcher.has_room());
    Told wide{{.window = 2}};
    wide.submit(noon, 1);
    CHECK(wide.dispatcher.has_room());
    wide.submit(noon, 2);
    CHECK(!wide.dispatcher.has_room());
    wide.finish(noon, Completion{});
    CHECK(wide.dispatcher.has_room());
    Told two{{.window_bytes = 2 * Prepared{}.bytes()}};
    two.submit(noon, 1);
    CHECK(two.dispatcher.has_room());
    two.submit(noon, 2);
    CHECK(!two.dispatcher.has_room());
    two.finish(noon, Completion{});
    CHECK(two.dispatcher.has_room());
}

TEST_CASE(
    "Attempts that may have been executed are counted, refused attempts are not.", "[dispatch]"
) {
    Told told{{.retry = {.attempts = 3}}};
    told.submit(noon, 1);
    told.finish(noon, Fault{.kind = FaultKind::connection_lost});
    told.tell(told.dispatcher.wake_at(noon), Dispatcher::TimePassed{});
    told.finish(noon + 1min, Fault{.kind = FaultKind::throttled});
    told.tell(told.dispatcher.wake_at(noon + 1min), Dispatcher::TimePassed{});
    told.finish(noon + 3min, Fault{.kind = FaultKind::truncated});
    told.tell(told.dispatcher.wake_at(noon + 3min), Dispatcher::TimePassed{});
    told.finish(noon + 5min, Fault{.kind = FaultKind::overloaded});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].reply.attempts == 4);  // Being told to wait is none of the three.
    CHECK(told.delivered[0].reply.maybe_executed == 2);
}

}  // namespace
}  // namespace skein
