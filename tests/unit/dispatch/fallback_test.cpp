// When workers on this machine serve, and when no more.
#include "unit/dispatch/fallback.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
using test::Fallback;
using test::noon;
using test::remote;
using test::worker;
using Sequences = std::vector<Sequence>;

const Fault parked{.kind = FaultKind::throttled, .retry_after = 10min};
const Fault bad{.kind = FaultKind::server_error, .should_retry = false};

TEST_CASE("No request goes to a worker before it is available or after it is gone.", "[fallback]") {
    Fallback told{{remote("main"), worker("local")}};
    told.shut(noon, 0);
    told.submit(noon, 1);
    CHECK(told.started.empty());
    CHECK(told.wake_at(noon) == never);
    told.there(noon + 1s, 1);
    REQUIRE(told.at(1) == Sequences{1});
    told.finish_last(noon + 2s, Completion{});
    CHECK(told.delivered.at(0).reply.served_by == ServedBy::local);
    CHECK(told.delivered.at(0).reply.endpoint == "local");
    told.gone(noon + 2s, 1);
    told.submit(noon + 2s, 2);
    CHECK(told.started.size() == 1);
    CHECK(told.delivered.size() == 1);  // It may be there again.
}

TEST_CASE(
    "No request spills over to a worker while a remote endpoint is well or busy.", "[fallback]"
) {
    Fallback told{{remote("main", 1), worker("local")}};
    told.there(noon, 1);
    for (const Sequence seq : {1u, 2u, 3u}) told.submit(noon, seq);
    CHECK(told.at(0) == Sequences{1});
    told.finish_last(noon, Fault{.kind = FaultKind::throttled, .retry_after = 1min});
    told.pass(noon + 30s);
    CHECK(told.started.size() == 1);  // A short pause is no reason either.
    told.pass(noon + 70s);
    told.finish_last(noon + 70s, Completion{});
    CHECK(told.delivered.at(0).reply.served_by == ServedBy::remote);
    CHECK(told.at(1).empty());
}

TEST_CASE("A worker serves after the earlier tiers have been away long enough.", "[fallback]") {
    Fallback told{{remote("main"), worker("local", 10s)}};
    told.there(noon, 1);
    told.take_down(noon, 0);
    told.submit(noon + 2s, 1);  // Finds out whether it is back, and hangs.
    told.submit(noon + 2s, 2);
    CHECK(told.at(0) == Sequences{1});
    CHECK(told.wake_at(noon + 2s) == noon + 10s);
    told.pass(noon + 10s - 1ns);
    CHECK(told.at(1).empty());
    told.pass(noon + 10s);
    CHECK(told.at(1) == Sequences{2});
}

TEST_CASE(
    "The outage of several earlier endpoints is counted from the one that went last.", "[fallback]"
) {
    for (const EndpointIndex first : {0u, 1u}) {
        Fallback told{{remote("a"), remote("b"), worker("local", 10s)}};
        told.there(noon, 2);
        told.take_down(noon, first);
        told.take_down(noon + 500ms, 1 - first);
        for (const Sequence seq : {1u, 2u, 3u}) told.submit(noon + 5s, seq);
        CHECK(told.started.size() == 2);
        CHECK(told.wake_at(noon + 5s) == noon + 10500ms);
        told.pass(noon + 10500ms - 1ns);
        CHECK(told.at(2).empty());
        told.pass(noon + 10500ms);
        CHECK(told.at(2) == Sequences{3});
    }
}

TEST_CASE("A worker serves at once if all remote endpoints are closed or parked.", "[fallback]") {
    for (const auto& fault :
         {Fault{.kind = FaultKind::auth},
          Fault{.kind = FaultKind::quota},
          Fault{.kind = FaultKind::quota, .retry_after = 1min},
          parked}) {
        Fallback told{{remote("main"), worker("local", 10s)}};
        told.there(noon, 1);
        told.lose(noon, 0, fault);
        told.forget();
        told.submit(noon, 1);
        CHECK(told.at(1) == Sequences{1});
    }
}

TEST_CASE(
    "A closed endpoint does not count for the outage; an endpoint that is down does.", "[fallback]"
) {
    Fallback told{{remote("a"), remote("b"), worker("local", 10s)}};
    told.there(noon, 2);
    told.take_down(noon, 0);
    told.shut(noon + 500ms, 1);
    told.submit(noon + 1500ms, 1);
    told.submit(noon + 1500ms, 2);
    CHECK(told.at(0) == Sequences{1});
    CHECK(told.wake_at(noon + 1500ms) == noon + 10s);
    told.pass(noon + 10s);
    CHECK(told.at(2) == Sequences{2});
}

TEST_CASE("A worker goes on serving while the remote endpoint is probed.") {
    Fallback told{{remote("main"), worker("local", 10s)}};
    told.there(noon, 1);
    told.take_down(noon, 0);
    const auto now = noon + 11s;
    Sequence seq = 0;
    told.submit(now, ++seq);
    const auto to_main = told.started.back();
    CHECK(to_main.endpoint == 0);
    told.submit(now, ++seq);
    CHECK(told.started.back().endpoint == 1);
    told.finish_last(now, Completion{});
    told.finish(now, to_main, Completion{});
    for (int i = 0; i < 3; ++i) told.submit(now, ++seq);
    CHECK(told.at(1).size() == 1);  // It is well again: one at a time at first, and no spilling.
    CHECK(told.at(0).size() == 2);
}

TEST_CASE(
    "A failed probe does not stop the worker; a new outage starts a new waiting time.", "[fallback]"
) {
    Fallback told{{remote("main"), worker("local", 10s)}};
    told.there(noon, 1);
    told.take_down(noon, 0);
    auto now = noon + 11s;
    told.submit(now, 1);
    told.finish_last(now, bad);
    told.submit(now, 2);
    CHECK(told.at(1) == Sequences{2});

    now += 5s;
    for (Sequence seq = 3; seq < 6; ++seq) {
        told.submit(now, seq);
        told.finish_last(now, Completion{});
    }
    CHECK(told.at(1) == Sequences{2});
    told.take_down(now, 0);
    told.submit(now, 6);
    CHECK(told.started.empty());
    told.submit(now + 2s, 7);  // It becomes one of the two probes.
    CHECK(told.wake_at(now + 2s) == now + 10s);
    CHECK(told.at(1).empty());
}

TEST_CASE(
    "A worker with an open circuit is not probed before its waiting time is over.", "[fallback]"
) {
    Fallback told{{remote("main"), worker("local", 10s)}};
    told.there(noon, 1);
    told.shut(noon, 0);
    CHECK(told.at(1).empty());

    Fallback two{{remote("main"), worker("local", 10s)}};
    two.there(noon, 1);
    two.lose(noon, 0, parked);
    two.take_down(noon, 1);
    const auto now = noon + 15min;
    two.take_down(now, 0);  // It was back, and is away again.
    two.submit(now, 1);
    CHECK(two.started.empty());
    two.submit(now + 2s, 2);
    CHECK(two.at(0) == Sequences{1});
    CHECK(two.at(1).empty());
    two.pass(now + 10s);
    CHECK(two.at(1) == Sequences{2});
}

}  // namespace
}  // namespace skein
