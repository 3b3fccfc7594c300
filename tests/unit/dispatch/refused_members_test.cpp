#include "dispatch/refused_members.hpp"

#include "support/catch.hpp"
#include "unit/dispatch/told.hpp"

#include <memory>

namespace skein {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
const TimePoint noon{12h};

Fault refusal(std::string words, int status = 422) {
    return {
        .kind = FaultKind::rejected,
        .detail = "HTTP " + std::to_string(status),
        .remote_message = std::move(words),
        .http_status = status};
}

const Fault of_ours = refusal("stream_options.include_usage: Extra inputs are not permitted");
const Fault of_theirs = refusal("temprature: Extra inputs are not permitted");

struct Told : test::Told {
    explicit Told(std::size_t same_refusals = 0, std::size_t endpoints = 1, bool hedging = false)
        : test::Told{
              {.same_refusals = same_refusals, .hedging = hedging},
              std::vector<EndpointSettings>(endpoints, {.name = "main", .places = 8})} {}

    void submit(Sequence seq, AddedMembers added = adds_stream_options) {
        auto request = std::make_shared<Prepared>();
        request->added = added;
        tell(noon, Dispatcher::Submitted{seq, request});
    }
    void finish(std::size_t which, Outcome outcome) {
        test::Told::finish(
            noon, started.at(which).id, std::move(outcome), {noon, noon, noon, noon}
        );
    }
};

}  // namespace

TEST_CASE(
    "A request refused for a member that skein added is sent once more without it.", "[dispatch]"
) {
    Told told;
    told.submit(1);
    CHECK(told.started.at(0).without == 0);
    told.finish(0, of_ours);
    REQUIRE(told.started.size() == 2);
    CHECK(told.started[1].without == adds_stream_options);
    told.finish(1, Completion{});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.delivered[0].reply.completion());
    CHECK(told.delivered[0].reply.attempts == 2);
}

TEST_CASE(
    "An endpoint that refuses an added member is remembered and reported once.", "[dispatch]"
) {
    Told told;
    for (const Sequence seq : {1u, 2u}) told.submit(seq);
    told.finish(0, of_ours);
    told.finish(1, of_ours);  // This attempt was already in flight.
    told.submit(3);
    REQUIRE(told.started.size() == 5);
    CHECK(told.started[4].without == adds_stream_options);
    REQUIRE(told.said.size() == 1);
    CHECK_THAT(told.said[0], StartsWith("endpoint=main refuses stream_options"));
    CHECK_THAT(told.said[0], Contains("stream_options: null"));
}

TEST_CASE("Equal refusals of an added member do not end a run.", "[dispatch]") {
    Told told{2};
    for (Sequence seq = 1; seq <= 5; ++seq) told.submit(seq);
    for (std::size_t i = 0; i < 5; ++i) told.finish(i, of_ours);
    CHECK(told.started.size() == 10);
    CHECK(told.delivered.empty());
}

TEST_CASE("A refusal of a member that the caller wrote is final.", "[dispatch]") {
    Told told;
    told.submit(1, 0);
    told.finish(0, of_ours);
    CHECK(told.started.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::rejected);
    told.submit(2);
    told.finish(1, of_theirs);
    CHECK(told.started.size() == 2);
    CHECK(told.said.empty());
}

TEST_CASE(
    "A member named in a refusal of a request without it is cleared for the run.", "[dispatch]"
) {
    Told told;
    told.submit(1);
    told.finish(0, of_ours);
    told.finish(1, of_ours);
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::rejected);
    told.submit(2);
    CHECK(told.started.at(2).without == 0);
    told.finish(2, of_ours);
    CHECK(told.started.size() == 3);
    CHECK(told.delivered.size() == 2);
}

TEST_CASE(
    "A refusal of an added member at one of two attempts does not end the request.", "[dispatch]"
) {
    Told told{0, 2, true};
    for (Sequence seq = 0; seq < 100; ++seq) {
        told.submit(seq);
        told.test::Told::finish(
            noon, told.started.back().id, Completion{}, {noon - 100ms, noon, noon, noon}
        );
    }
    const auto first = told.started.size();
    told.submit(1000);
    told.tell(noon + 1s, Dispatcher::TimePassed{});
    REQUIRE(told.started.size() == first + 2);
    told.finish(first, of_ours);
    told.finish(first + 1, Fault{.kind = FaultKind::keepalive_race});
    CHECK(told.delivered.size() == 100);
    CHECK(told.started.size() == first + 3);
}

TEST_CASE(
    "A 4xx or a 500 that names an added member counts as its refusal, per endpoint.", "[dispatch]"
) {
    RefusedMembers members{2};
    auto other = of_ours;
    for (const auto kind : {FaultKind::throttled, FaultKind::auth, FaultKind::overloaded}) {
        other.kind = kind;
        CHECK_FALSE(members.learn(0, other, {adds_stream_options}));
    }
    auto crash = refusal("create() got an unexpected keyword argument 'stream_options'", 500);
    crash.kind = FaultKind::server_error;
    CHECK(RefusedMembers{1}.learn(0, crash, {adds_stream_options}));
    CHECK(RefusedMembers{1}.learn(0, refusal("include_usage: unknown"), {adds_stream_options}));
    CHECK_FALSE(RefusedMembers{1}.learn(0, refusal("unknown member"), {adds_stream_options}));
    CHECK(members.learn(0, refusal("Unrecognized: stream_options", 400), {adds_stream_options}));
    CHECK(members.left_out(0) == adds_stream_options);
    CHECK(members.left_out(1) == 0);
}

TEST_CASE(
    "After StopStarting a request refused for an added member is not sent again.", "[dispatch]"
) {
    Told told;
    told.submit(1);
    told.tell(noon, Dispatcher::StopStarting{});
    told.finish(0, of_ours);
    CHECK(told.started.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::cancelled);
}

}  // namespace skein
