#include "dispatch/desk.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

EndpointLimits endpoint(std::string name, std::size_t places, double rpm = 0, double tpm = 0) {
    return {
        std::move(name), Room{places}, TokenBucket::per_minute(rpm), TokenBucket::per_minute(tpm)};
}

Desk desk_with(std::vector<EndpointLimits> endpoints, std::size_t in_flight = 8) {
    return Desk{std::move(endpoints), in_flight, 15min};
}

TEST_CASE("the desk sends the oldest first, to the first endpoint that is ready", "[desk]") {
    auto desk = desk_with({endpoint("first", 1), endpoint("second", 1)});
    for (const Sequence seq : {7u, 3u, 5u}) desk.line_up(seq, 0);

    const auto a = desk.next(noon);
    const auto b = desk.next(noon);
    REQUIRE(a);
    REQUIRE(b);
    CHECK((a->seq == 3 && a->endpoint == 0));
    CHECK((b->seq == 5 && b->endpoint == 1));
    CHECK(!desk.next(noon));
    CHECK(desk.ready_at(noon) == never);  // Both rooms are full: only an answer can help.

    desk.settle(*a, {}, noon + 50ms);
    CHECK(desk.ready_at(noon + 50ms) == noon + 50ms);
    CHECK(desk.next(noon + 50ms)->seq == 7);
}

TEST_CASE(
    "an endpoint is as late as the latest of its limits, the desk as early as the earliest "
    "endpoint",
    "[desk]"
) {
    auto desk = desk_with({endpoint("rate", 8, 60), endpoint("tokens", 8, 0, 600)});
    desk.line_up(1, 10);
    desk.line_up(2, 10);
    desk.line_up(3, 10);
    CHECK(desk.next(noon)->endpoint == 0);
    CHECK(desk.next(noon)->endpoint == 1);
    CHECK(!desk.next(noon));
    CHECK(desk.ready_at(noon) == noon + 1s);  // One more a second; ten tokens take as long.
}

TEST_CASE(
    "nobody leaves while as many are in flight as may be, whatever the endpoints say", "[desk]"
) {
    auto desk = desk_with({endpoint("wide", 100)}, 1);
    desk.line_up(1, 0);
    desk.line_up(2, 0);
    REQUIRE(desk.next(noon));
    CHECK(!desk.next(noon));
    CHECK(desk.ready_at(noon) == never);
}

TEST_CASE("who steps out of line is not served", "[desk]") {
    auto desk = desk_with({endpoint("only", 1)});
    desk.line_up(1, 0);
    CHECK(desk.step_out(1));
    CHECK(!desk.step_out(1));
    CHECK(!desk.next(noon));
}

TEST_CASE("an endpoint that asked for a pause gets nothing before it is over", "[desk]") {
    auto desk = desk_with({endpoint("only", 8)});
    desk.line_up(1, 0);
    desk.line_up(2, 0);
    const auto grant = desk.next(noon);
    CHECK(!desk.settle(*grant, {.pause = 20s}, noon));
    CHECK(!desk.next(noon + 19s));
    CHECK(desk.ready_at(noon) == noon + 20s);
    CHECK(desk.next(noon + 20s));
    CHECK(!desk.unusable(noon));
}

TEST_CASE("an endpoint that asks for a day off is not waited for", "[desk]") {
    auto desk = desk_with({endpoint("tired", 8)});
    desk.line_up(1, 0);
    const auto grant = desk.next(noon);
    desk.settle(*grant, {.pause = 24h}, noon);
    REQUIRE(desk.unusable(noon));
    CHECK(desk.unusable(noon)->find("tired") != std::string::npos);
    CHECK(!desk.unusable(noon + 23h + 50min));
}

TEST_CASE("a refused key closes its endpoint at once, and only that one", "[desk]") {
    auto desk = desk_with({endpoint("first", 8), endpoint("second", 8)});
    desk.line_up(1, 0);
    desk.line_up(2, 0);
    const auto grant = desk.next(noon);
    CHECK(desk.settle(*grant, {.effect = Effect::close, .why = "401"}, noon));
    CHECK(!desk.unusable(noon));
    CHECK(desk.next(noon)->endpoint == 1);
}

TEST_CASE(
    "five refusals in a row close an endpoint, and anything between them begins anew", "[desk]"
) {
    auto desk = desk_with({endpoint("only", 1)});
    auto learn = [&, seq = Sequence{0}](Effect effect) mutable {
        desk.line_up(++seq, 0);
        const auto grant = desk.next(noon);
        return desk.settle(*grant, {.effect = effect, .why = "404"}, noon);
    };
    for (int i = 0; i < 4; ++i) CHECK(!learn(Effect::close_in_a_row));
    CHECK(!learn(Effect::none));
    for (int i = 0; i < 4; ++i) CHECK(!learn(Effect::close_in_a_row));
    CHECK(learn(Effect::close_in_a_row));
    CHECK(desk.unusable(noon) == "only: 404");
}

TEST_CASE(
    "tokens are reserved when a request leaves, and corrected when their count is known", "[desk]"
) {
    auto desk = desk_with({endpoint("only", 8, 0, 6000)});  // A hundred a second.
    desk.line_up(1, 100);
    desk.line_up(2, 90);
    const auto grant = desk.next(noon);
    CHECK(!desk.next(noon));
    desk.settle(*grant, {.used = 10}, noon);
    CHECK(desk.next(noon));
}

}  // namespace
}  // namespace skein
