// Workers on this machine: called, dying, back again, given up.
#include "support/catch.hpp"
#include "unit/dispatch/fallback.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
using test::Fallback;
using test::noon;
using test::remote;
using test::worker;
using Sequences = std::vector<Sequence>;

const Fault died{.kind = FaultKind::worker_died, .detail = "broke off"};
const Fault bad{.kind = FaultKind::server_error, .should_retry = false};

TEST_CASE(
    "Workers are called once, after two failures in a row of a remote endpoint.", "[workers]"
) {
    Fallback told{{remote("main"), worker("local")}};
    told.lose(noon, 0, bad);
    told.submit(noon, 1);
    told.finish_last(noon, Completion{});
    told.lose(noon, 0, bad);
    CHECK(told.calls == 0);  // Not two in a row.
    told.lose(noon, 0, bad);
    CHECK(told.calls == 1);
    told.take_down(noon, 0);
    told.shut(noon + 1min, 0);
    CHECK(told.calls == 1);
}

TEST_CASE(
    "Workers are called when a remote endpoint is closed or asks for a long pause.", "[workers]"
) {
    for (const auto& fault :
         {Fault{.kind = FaultKind::auth},
          Fault{.kind = FaultKind::quota, .retry_after = 5s},
          Fault{.kind = FaultKind::throttled, .retry_after = 5min}}) {
        Fallback told{{remote("main"), remote("other"), worker("local")}};
        told.lose(noon, 1, fault);
        CHECK(told.calls == 1);
    }
}

TEST_CASE("An endpoint that completes every other request calls no worker.", "[workers]") {
    Fallback told{{remote("main"), worker("local")}};
    for (Sequence seq = 0; seq < 10; ++seq) {
        told.submit(noon, seq);
        told.finish_last(noon, Completion{});
        told.lose(noon, 0, bad);
    }
    CHECK(told.dispatcher.tally().endpoints[0].outages == 0);
    CHECK(told.calls == 0);
}

TEST_CASE("Workers are not called if there are none, or if only a worker fails.", "[workers]") {
    Fallback none{{remote("main")}, {}};
    none.take_down(noon, 0);
    CHECK(none.calls == 0);
    Fallback pool{{worker("local")}};
    pool.there(noon, 0);
    pool.take_down(noon, 0);
    CHECK(pool.calls == 0);
}

TEST_CASE("A worker that died gets no request until it is available again.", "[workers]") {
    Fallback told{{worker("local")}};
    told.there(noon, 0);
    told.submit(noon, 1);
    told.submit(noon, 2);
    const auto first = told.started.at(0), second = told.started.at(1);
    told.finish(noon, first, died);
    told.submit(noon, 3);
    CHECK(told.started.size() == 2);
    CHECK(told.wake_at(noon) == never);
    told.finish(noon + 1s, second, Completion{});  // It was answered before the death.
    CHECK(told.delivered.size() == 1);
    told.there(noon + 2s, 0);
    CHECK(told.at(0) == Sequences{1, 2, 1, 3});
}

TEST_CASE("A late report of a worker's death does not remove its successor.", "[workers]") {
    Fallback told{{worker("local")}};
    told.there(noon, 0);
    told.submit(noon, 1);
    told.submit(noon, 2);
    const auto first = told.started.at(0), second = told.started.at(1);
    told.finish(noon, first, died);
    told.there(noon + 1s, 0);
    told.finish(noon + 2s, second, died);
    CHECK(told.at(0) == Sequences{1, 2, 1, 2});
    told.finish_last(noon + 2s, died);  // Its own is.
    told.submit(noon + 2s, 3);
    CHECK(told.started.size() == 4);
}

TEST_CASE("A worker that becomes available again has a closed circuit.", "[workers]") {
    Fallback told{{worker("local")}};
    told.there(noon, 0);
    told.take_down(noon, 0);
    told.submit(noon, 1);
    told.submit(noon, 2);
    CHECK(told.started.empty());
    told.there(noon, 0);
    CHECK(told.at(0) == Sequences{1, 2});
}

TEST_CASE("A request whose worker died is retried at once, at most twice.", "[workers]") {
    Fallback told{{worker("a"), worker("b"), worker("c"), worker("d")}};
    for (EndpointIndex i = 0; i < 4; ++i) told.there(noon, i);
    told.submit(noon, 1);
    for (std::size_t i = 1; i <= 3; ++i) {
        REQUIRE(told.started.size() == i);
        CHECK(told.delivered.empty());
        told.finish_last(noon, died);
    }
    REQUIRE(told.started.size() == 3);
    CHECK(told.last_fault().kind == FaultKind::worker_died);
    const auto& reply = told.delivered.at(0).reply;
    CHECK(reply.attempts == 3);
    CHECK(reply.maybe_executed == 3);
    CHECK(reply.served_by == ServedBy::local);
    std::set<EndpointIndex> asked;
    for (const auto& attempt : told.started) asked.insert(attempt.endpoint);
    CHECK(asked.size() == 3);
    told.submit(noon, 2);
    CHECK(told.started.size() == 4);
}

TEST_CASE("A worker never has more attempts in flight than places.", "[workers]") {
    Fallback told{{worker("a", {}, 2), worker("b", {}, 1)}};
    told.there(noon, 0);
    told.there(noon, 1);
    for (Sequence seq = 1; seq <= 5; ++seq) told.submit(noon, seq);
    CHECK(told.at(0).size() == 2);
    CHECK(told.at(1).size() == 1);
    told.there(noon, 0);  // The earlier attempts are still in flight.
    CHECK(told.started.size() == 3);
}

TEST_CASE("The reply names the reasons when all endpoints and workers are closed.", "[workers]") {
    Fallback told{{remote("main"), worker("local")}};
    told.there(noon, 1);
    told.shut(noon, 0);
    told.submit(noon, 1);
    told.news(noon, 1, Availability::shut, "five starts in five minutes");
    CHECK(told.delivered.empty());
    told.submit(noon, 2);
    CHECK(told.last_fault().kind == FaultKind::no_endpoint);
    CHECK(told.last_fault().detail.find("local: five starts") != std::string::npos);
    CHECK(told.last_fault().detail.find("main: auth (401)") != std::string::npos);
    CHECK(told.dispatcher.tally().endpoints[1].closed == "five starts in five minutes");

    told.there(noon, 1);  // A shut worker does not come back.
    told.finish(noon, told.started.at(0), died);
    CHECK(told.last_fault().kind == FaultKind::no_endpoint);
    CHECK(told.started.size() == 1);
}

TEST_CASE(
    "While a worker may still come a waiting request ends only at its deadline.", "[workers]"
) {
    Fallback told{{remote("main"), worker("local")}};
    told.lose(noon, 0, {.kind = FaultKind::throttled, .retry_after = 5min});
    told.forget();
    told.submit(noon, 1, 10s);  // Long before the remote side is back.
    CHECK(told.delivered.empty());
    CHECK(told.wake_at(noon) == noon + 9s);
    told.pass(noon + 9s - 1ns);
    CHECK(told.delivered.empty());
    told.pass(noon + 9s);
    CHECK(told.last_fault().kind == FaultKind::deadline);

    told.news(noon + 9s, 1, Availability::shut, "why");  // No usable endpoint is left.
    told.submit(noon + 9s, 2, 10s);
    CHECK(told.last_fault().kind == FaultKind::deadline);
    CHECK(told.delivered.size() == 2);
}

TEST_CASE("While a worker may still come a failed request waits for its retry.", "[workers]") {
    Fallback told{{remote("main"), worker("local")}};
    told.submit(noon, 1, 1min);
    told.finish_last(noon, Fault{.kind = FaultKind::throttled, .retry_after = 5min});
    CHECK(told.delivered.empty());
    told.there(noon + 5s, 1);
    CHECK(told.at(1) == Sequences{1});
}

}  // namespace
}  // namespace skein
