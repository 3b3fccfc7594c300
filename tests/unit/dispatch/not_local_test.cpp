// Requests that no model on this machine can serve, while workers serve all others.
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

const Fault bad{.kind = FaultKind::server_error, .should_retry = false};
const Fault too_long{.kind = FaultKind::context_exceeded, .detail = "4096", .http_status = 400};

// The remote side is away, and a worker serves.
struct Away : Fallback {
    explicit Away(const Dispatcher::Settings& settings = test::with_workers)
        : Fallback{{remote("main"), worker("local")}, settings} {
        there(noon, 1);
        take_down(noon, 0);
    }

    // The remote side is tried, and answers well until it is well.
    void bring_back(TimePoint now) { finish_last(now, Completion{}); }
};

TEST_CASE(
    "Requests that no worker can serve wait for a remote endpoint and block no other request.",
    "[unfit]"
) {
    Away told;
    told.submit_unfit(noon, 1);
    told.submit(noon, test::prompt_of(2002), 2);
    told.submit(noon, test::prompt_of(2001), 3);
    told.submit(noon, 4);
    CHECK(told.at(1) == Sequences{3, 4});
    CHECK(told.started.size() == 2);
    CHECK(told.delivered.empty());
}

TEST_CASE(
    "Requests that no worker can serve go to a remote endpoint when it is back, oldest first.",
    "[unfit]"
) {
    Away told;
    for (Sequence seq = 1; seq <= 6; ++seq) told.submit_unfit(noon, seq);
    CHECK(told.started.empty());
    const auto now = told.wake_at(noon);
    REQUIRE(now <= noon + 1200ms);
    told.pass(now);
    told.bring_back(now);
    CHECK(told.at(0) == Sequences{1, 2});
    told.finish_last(now, Completion{});  // Slowly at first.
    CHECK(told.at(0) == Sequences{1, 2, 3, 4});
    for (const auto& attempt : {told.started[2], told.started[3]}) {
        told.finish(now, attempt, Completion{});
    }
    CHECK(told.at(0) == Sequences{1, 2, 3, 4, 5, 6});
    CHECK(told.at(1).empty());
    CHECK(told.delivered.at(0).reply.served_by == ServedBy::remote);
}

TEST_CASE(
    "The oldest request probes a remote endpoint, even if no worker can serve it.", "[unfit]"
) {
    Fallback told{{remote("main"), worker("local")}};
    told.take_down(noon, 0);
    told.submit_unfit(noon, 1);
    told.submit(noon, 2);
    const auto now = told.wake_at(noon);
    told.pass(now);
    CHECK(told.at(0) == Sequences{1});
}

TEST_CASE(
    "A worker with an open circuit is not probed with a request that it cannot serve.", "[unfit]"
) {
    Away told;
    told.take_down(noon, 1);
    told.submit(noon + 2s, 1);  // Finds out about the remote side.
    told.submit_unfit(noon + 2s, 2);
    CHECK(told.at(0) == Sequences{1});
    CHECK(told.at(1).empty());
    told.submit(noon + 2s, 3);
    CHECK(told.at(1) == Sequences{3});
}

TEST_CASE(
    "Without a usable remote endpoint, requests fail with the reason why no worker serves them.",
    "[unfit]"
) {
    Fallback told{{remote("main", 1), worker("local")}};
    told.there(noon, 1);
    told.submit(noon, 1);
    told.submit_unfit(noon, 2);
    told.submit(noon, test::prompt_of(5000), 3);
    told.submit(noon, 4);
    told.finish_last(noon, Fault{.kind = FaultKind::auth});
    REQUIRE(told.delivered.size() == 2);
    CHECK(told.delivered[0].seq == 2);
    CHECK(told.delivered[0].reply.fault()->kind == FaultKind::rejected);
    CHECK(told.delivered[0].reply.served_by == ServedBy::nobody);
    CHECK(told.delivered[1].seq == 3);
    CHECK(told.last_fault().kind == FaultKind::context_exceeded);
    CHECK(told.at(1) == Sequences{1, 4});

    Fallback pool{{worker("local")}};
    pool.submit_unfit(noon, 1);
    CHECK(pool.last_fault().kind == FaultKind::rejected);
}

TEST_CASE(
    "An endpoint that asks for a pause above the maximum does not count as usable.", "[unfit]"
) {
    Fallback told{{remote("main"), worker("local")}};
    told.there(noon, 1);
    told.lose(noon, 0, {.kind = FaultKind::throttled, .retry_after = 14min});
    told.submit_unfit(noon, 1);
    CHECK(told.delivered.size() == 1);  // That of the one which was lost.
    told.lose(noon + 14min + 90s, 0, {.kind = FaultKind::throttled, .retry_after = 24h});
    told.forget();
    told.submit_unfit(noon + 16min, 2);
    CHECK(told.last_fault().kind == FaultKind::rejected);
}

TEST_CASE("A request that a worker rejects as unfit goes to a remote endpoint.", "[unfit]") {
    for (const auto& fault :
         {too_long,
          Fault{.kind = FaultKind::not_found, .http_status = 404},
          Fault{.kind = FaultKind::rejected, .http_status = 501}}) {
        Away told;
        told.submit(noon, 1);
        told.finish_last(noon, fault);
        CHECK(told.delivered.empty());
        CHECK(told.started.size() == 1);
        told.pass(told.wake_at(noon));
        REQUIRE(told.at(0) == Sequences{1});
        told.finish_last(noon + 2s, Completion{});
        CHECK(told.delivered.at(0).reply.attempts == 2);
        CHECK(told.delivered.at(0).reply.served_by == ServedBy::remote);
    }
}

TEST_CASE("Without a usable remote endpoint, the fault from the worker is the reply.", "[unfit]") {
    Fallback told{{remote("main"), worker("local")}};
    told.there(noon, 1);
    told.shut(noon, 0);
    told.submit(noon, 1);
    told.finish_last(noon, too_long);
    CHECK(told.last_fault().kind == FaultKind::context_exceeded);

    Away away;  // A worker's rejection for another reason is always the reply.
    away.submit(noon, 1);
    away.finish_last(noon, Fault{.kind = FaultKind::rejected, .http_status = 400});
    CHECK(away.last_fault().kind == FaultKind::rejected);
}

TEST_CASE(
    "A request that a worker rejected ends with the worker's fault when the last remote closes.",
    "[unfit]"
) {
    Away told;
    told.submit(noon, 1);
    told.finish_last(noon, too_long);
    told.pass(told.wake_at(noon));
    told.finish_last(noon + 2s, Fault{.kind = FaultKind::auth});
    CHECK(told.last_fault().kind == FaultKind::context_exceeded);
    CHECK(told.last_fault().detail == "4096");
    CHECK(told.delivered.at(0).reply.attempts == 2);
}

TEST_CASE(
    "Requests that wait for a remote endpoint can be cancelled, stopped and time out.", "[unfit]"
) {
    Away told;
    told.submit_unfit(noon, 1, 5s);
    told.submit_unfit(noon, 2);
    told.tell(noon, Dispatcher::Cancel{2});
    CHECK(told.last_fault().kind == FaultKind::cancelled);

    told.submit(noon + 500ms, 3);
    const auto local = told.started.back();
    told.tell(noon + 500ms, Dispatcher::StopStarting{});
    CHECK(told.delivered.size() == 2);
    CHECK(told.delivered[1].seq == 1);
    told.finish(noon + 500ms, local, too_long);
    CHECK(told.last_fault().kind == FaultKind::cancelled);
    CHECK(told.last_fault().detail.find("4096") != std::string::npos);
    CHECK(told.dispatcher.held() == 0);

    Away late;
    late.submit_unfit(noon, 1, 500ms);
    CHECK(late.wake_at(noon) == noon + 450ms);
    late.pass(noon + 450ms);
    CHECK(late.last_fault().kind == FaultKind::deadline);
}

TEST_CASE(
    "A request that waits for a remote endpoint does not keep a retry waiting for quota.", "[unfit]"
) {
    Desk desk{{remote("main"), worker("local", {}, 100)}, {.in_flight = 100}};
    desk.take({.endpoint = 1, .availability = Availability::there});
    for (Sequence seq = 1000; seq < 1005; ++seq) {
        desk.line_up({.seq = seq});
        desk.settle(*desk.next(noon), {.verdict = Verdict::unhealthy}, noon);
    }
    for (Sequence seq = 0; seq < 40; ++seq) {
        desk.line_up({.seq = seq, .retry_cost = 14, .tries = 1});
    }
    desk.line_up({.seq = 99, .not_local = true});
    std::vector<Desk::Grant> flying;
    while (const auto grant = desk.next(noon)) flying.push_back(*grant);
    CHECK(flying.size() == 35);
    for (const auto& grant : flying) desk.settle(grant, {}, noon);
    const auto alone = desk.next(noon);
    REQUIRE(alone);
    CHECK(alone->endpoint == 1);
    CHECK(!desk.next(noon));
}

TEST_CASE(
    "A request that is over the budget of the remote endpoint does not wait for a free worker.",
    "[unfit]"
) {
    auto main = remote("main");
    main.price.usual = {.input = 1, .output = 1};
    Fallback told{
        {main, worker("local")},
        test::with_workers,
        {.in_flight = 8, .budget = {.cost = 0.000'001}}};
    told.there(noon, 1);
    told.take_down(noon, 0);
    told.submit(noon, test::prompt_of(3000), 1);
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::over_budget);
}

}  // namespace
}  // namespace skein
