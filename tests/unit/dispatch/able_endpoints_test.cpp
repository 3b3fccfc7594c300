// Requests that only some endpoints can serve, and requests that go on to another one by cause.
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

const Fault too_long{
    .kind = FaultKind::context_exceeded, .detail = "8192 tokens", .http_status = 400};
const Dispatcher::Settings alone{};

EndpointSettings of_tier(EndpointSettings endpoint, int tier) {
    endpoint.tier = tier;
    return endpoint;
}

// `main` sends requests that are too long for it to `big`, which is of a later tier.
EndpointSettings leading() {
    auto main = remote("main");
    main.on = {{FaultKind::context_exceeded, 1}, {FaultKind::filtered, 1}};
    return main;
}

Prepared request_not_for(std::initializer_list<EndpointIndex> cannot) {
    Prepared request;
    for (const auto at : cannot) request.cannot.add(at);
    return request;
}

TEST_CASE("A request goes only to the endpoints that can be asked for it.", "[able]") {
    Fallback told{{remote("main"), remote("other")}, alone};
    for (Sequence seq = 1; seq <= 4; ++seq) told.submit(noon, request_not_for({0}), seq);
    for (Sequence seq = 5; seq <= 8; ++seq) told.submit(noon, request_not_for({1}), seq);
    CHECK(told.at(1) == Sequences{1, 2, 3, 4});
    CHECK(told.at(0) == Sequences{5, 6, 7, 8});
}

TEST_CASE("A retry of such a request does not go to an endpoint that cannot serve it.", "[able]") {
    Fallback told{{remote("main"), remote("other")}, alone};
    told.submit(noon, request_not_for({0}), 1);
    told.finish_last(noon, Fault{.kind = FaultKind::keepalive_race});
    CHECK(told.at(1) == Sequences{1, 1});
}

TEST_CASE("For a request that an earlier tier cannot serve, a later tier serves.", "[able]") {
    Fallback told{{remote("main"), of_tier(remote("spare"), 1)}, alone};
    told.submit(noon, 1);
    told.submit(noon, request_not_for({0}), 2);
    told.submit(noon, 3);
    CHECK(told.at(0) == Sequences{1, 3});
    CHECK(told.at(1) == Sequences{2});
}

TEST_CASE("A later tier that is down is probed by the requests that only it can serve.", "[able]") {
    Fallback told{{remote("main"), of_tier(remote("spare"), 1)}, alone};
    Sequence seq = 0;
    while (told.dispatcher.tally().endpoints[1].outages == 0) {
        told.submit(noon, request_not_for({0}), ++seq);
        told.finish_last(noon, Fallback::hard_fault);
    }
    told.forget();
    told.submit(noon, request_not_for({0}), 900);
    told.submit(noon, 901);
    CHECK(told.at(0) == Sequences{901});
    const auto when = told.wake_at(noon);
    REQUIRE(when < noon + 5s);
    told.pass(when);
    CHECK(told.at(1) == Sequences{900});
}

TEST_CASE("Requests whose endpoints are away block no other request.", "[able]") {
    Fallback told{{remote("main"), remote("other", 1)}, alone};
    for (Sequence seq = 1; seq <= 3; ++seq) told.submit(noon, request_not_for({0}), seq);
    for (Sequence seq = 4; seq <= 6; ++seq) told.submit(noon, request_not_for({1}), seq);
    CHECK(told.at(1) == Sequences{1});
    CHECK(told.at(0) == Sequences{4, 5, 6});
}

TEST_CASE(
    "A request is left undone when the last endpoint that can be asked for it is closed.", "[able]"
) {
    Fallback told{{remote("main"), remote("other")}, alone};
    told.submit(noon, request_not_for({0}), 1);
    told.finish_last(noon, Fault{.kind = FaultKind::auth, .detail = "401"});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::no_endpoint);
    CHECK_THAT(
        told.last_fault().detail,
        Catch::Contains("no endpoint is left that can be asked for it (other: ")
    );
    told.submit(noon, 2);
    CHECK(told.started.back().endpoint == 0);
}

TEST_CASE("A worker serves what only an endpoint that is away could serve.", "[able]") {
    Fallback told{{remote("main"), remote("other"), worker("local")}};
    told.there(noon, 2);
    told.submit(noon, request_not_for({0}), 1);
    told.finish_last(noon, Fault{.kind = FaultKind::auth, .detail = "401"});
    CHECK(told.at(2) == Sequences{1});
}

TEST_CASE("A request that is too long goes on to the endpoint that is named for this.", "[able]") {
    Fallback told{{leading(), of_tier(remote("big"), 1)}, {.retry = {.attempts = 1}}};
    told.submit(noon, 1);
    told.finish_last(noon, too_long);
    CHECK(told.at(1) == Sequences{1});
    REQUIRE(told.said.size() == 1);
    CHECK_THAT(told.said.front(), Catch::Contains("such requests go on to endpoint=big"));
    told.finish_last(noon, Completion{.text = "hello"});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered.back().reply.endpoint == "big");
    CHECK(told.delivered.back().reply.attempts == 2);
    CHECK(told.dispatcher.tally().rerouted == 1);
    told.submit(noon, 2);
    CHECK(told.at(0) == Sequences{1, 2});
}

TEST_CASE("A request that goes on fails by what the last endpoint said of it.", "[able]") {
    Fallback told{{leading(), of_tier(remote("big"), 1)}, alone};
    told.submit(noon, 1);
    told.finish_last(noon, too_long);
    told.finish_last(noon, Fault{.kind = FaultKind::context_exceeded, .detail = "32768 tokens"});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().detail == "32768 tokens");
}

TEST_CASE("Two endpoints do not pass a request to and fro.", "[able]") {
    auto other = remote("other");
    other.on = {{FaultKind::context_exceeded, 0}};
    Fallback told{{leading(), other}, alone};
    told.submit(noon, request_not_for({}), 1);
    told.finish_last(noon, too_long);
    told.finish_last(noon, too_long);
    CHECK(told.started.size() == 2);
    CHECK(told.delivered.size() == 1);
}

TEST_CASE("A request fails as it did if the endpoint that is named for it is closed.", "[able]") {
    Fallback told{{leading(), of_tier(remote("big"), 1)}, alone};
    told.submit(noon, request_not_for({0}), 1);
    told.finish_last(noon, Fault{.kind = FaultKind::auth, .detail = "401"});
    told.submit(noon, 2);
    told.finish_last(noon, too_long);
    REQUIRE(told.delivered.size() == 2);
    CHECK(told.last_fault().detail == "8192 tokens");

    Fallback closes_later{{leading(), of_tier(remote("big"), 1)}, alone};
    closes_later.submit(noon, 1);
    closes_later.finish_last(noon, too_long);
    closes_later.finish_last(noon, Fault{.kind = FaultKind::auth, .detail = "401"});
    REQUIRE(closes_later.delivered.size() == 1);
    CHECK(closes_later.last_fault().detail == "8192 tokens");
}

TEST_CASE("A request does not go on after a stop.", "[able]") {
    Fallback told{{leading(), of_tier(remote("big"), 1)}, alone};
    told.submit(noon, 1);
    told.tell(noon, Dispatcher::StopStarting{});
    told.finish_last(noon, too_long);
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::cancelled);
}

}  // namespace
}  // namespace skein
