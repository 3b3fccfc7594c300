// A second endpoint beside one that is late to begin, where one of them is a worker.
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

const Fault too_long{.kind = FaultKind::context_exceeded, .http_status = 400};

// Endpoints whose time to first byte is known: 100 ms, learned from a hundred answers.
struct Hedging : Fallback {
    explicit Hedging(const std::vector<EndpointSettings>& endpoints)
        : Fallback{endpoints, {.hedging = true, .local = LocalCapabilities{}}} {
        for (EndpointIndex i = 1; i < endpoints.size(); ++i) there(noon, i);
    }
    void learn() {
        for (Sequence seq = 1000; seq < 1100; ++seq) {
            submit(noon, seq);
            const auto id = started.back().id;
            Told::finish(noon, id, Completion{}, {noon - 100ms, noon, noon, noon});
        }
        forget();
    }
    // The remote side is late with this one, and goes away meanwhile.
    void go_away() {
        const auto late = started.back();
        CHECK(late.endpoint == 0);
        take_down(noon, 0);
    }
};

TEST_CASE(
    "A hedge goes to a worker after the remote endpoint of the first attempt went away.", "[hedge]"
) {
    Hedging told{{remote("main"), worker("local")}};
    told.learn();
    told.submit(noon, 1);
    told.go_away();
    told.pass(noon + 1s);
    CHECK(told.at(1) == Sequences{1});
}

TEST_CASE("A hedge does not go to a worker before its waiting time is over.", "[hedge]") {
    Hedging told{{remote("main"), worker("local", 10s)}};
    told.learn();
    told.submit(noon, 1);
    told.go_away();
    told.pass(noon + 1s);
    CHECK(told.at(1).empty());
}

TEST_CASE("A hedge does not go to a worker that cannot serve the request.", "[hedge]") {
    Hedging told{{remote("main"), worker("local")}};
    told.learn();
    told.submit_unfit(noon, 1);
    told.go_away();
    told.pass(noon + 1s);
    CHECK(told.at(1).empty());
}

TEST_CASE(
    "A request that two workers reject as unfit, hedged, still goes to a remote endpoint.",
    "[hedge]"
) {
    Hedging told{{remote("main"), worker("a"), worker("b")}};
    told.take_down(noon, 0);
    told.learn();
    told.submit(noon, 1);
    const auto first = told.started.back();
    told.submit(noon + 1500ms, 2);  // A probe, so that the other worker is left for the hedge.
    const auto probe = *std::ranges::find(told.started, 0u, &Attempt::endpoint);
    const auto hedge = *std::ranges::find(told.started, 2, &Attempt::number);
    REQUIRE(probe.seq == 2);
    REQUIRE(hedge.seq == 1);
    REQUIRE(hedge.endpoint != 0);
    told.finish(noon + 2s, first, too_long);
    told.finish(noon + 2s, hedge, too_long);
    CHECK(told.delivered.empty());
    told.finish(noon + 2s, probe, Completion{});
    CHECK(told.at(0) == Sequences{2, 1});
}

TEST_CASE("The hedge on a second worker goes on when the first worker dies.", "[hedge]") {
    Hedging told{{remote("main"), worker("a"), worker("b")}};
    told.shut(noon, 0);
    told.learn();
    told.submit(noon, 1);
    told.pass(noon + 1s);
    REQUIRE(told.started.size() == 2);
    told.finish(noon + 1s, told.started.at(0), Fault{.kind = FaultKind::worker_died});
    CHECK(told.delivered.empty());
    told.submit(noon + 1s, 2);
    CHECK(told.started.back().endpoint == told.started.at(1).endpoint);
    told.finish(noon + 2s, told.started.at(1), Completion{});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].reply.completion());
}

}  // namespace
}  // namespace skein
