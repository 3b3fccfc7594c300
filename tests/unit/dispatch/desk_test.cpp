#include "dispatch/desk.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

EndpointSettings endpoint(std::string name, std::size_t places, double rpm = 0, double tpm = 0) {
    return {.name = std::move(name), .places = places, .rpm = rpm, .tpm = tpm};
}

Desk desk_with(const std::vector<EndpointSettings>& endpoints, std::size_t in_flight = 8) {
    return Desk{endpoints, {.in_flight = in_flight}};
}

const EndpointFeedback success{.verdict = Verdict::healthy, .is_success = true};
const EndpointFeedback failure{.verdict = Verdict::unhealthy, .why = "500"};

// Starts and settles requests one after the other with this feedback, while the desk grants them.
int served(Desk& desk, TimePoint now, int max, const EndpointFeedback& feedback) {
    int count = 0;
    for (; count < max; ++count) {
        desk.line_up({.seq = static_cast<Sequence>(1000 + count)});
        const auto grant = desk.next(now);
        if (!grant) break;
        desk.settle(*grant, feedback, now);
    }
    return count;
}

TEST_CASE("The desk grants the oldest request first, at an endpoint with a free place.", "[desk]") {
    auto desk = desk_with({endpoint("first", 1), endpoint("second", 1)});
    for (const Sequence seq : {7u, 3u, 5u}) desk.line_up({.seq = seq});

    const auto a = desk.next(noon);
    const auto b = desk.next(noon);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->seq == 3);
    CHECK(b->seq == 5);
    CHECK(a->endpoint != b->endpoint);
    CHECK(!desk.next(noon));
    CHECK(desk.ready_at(noon) == never);  // Both rooms are full: only an answer can help.

    desk.settle(*a, success, noon + 50ms);
    CHECK(desk.ready_at(noon + 50ms) == noon + 50ms);
    CHECK(desk.next(noon + 50ms)->seq == 7);
}

TEST_CASE(
    "The desk is ready with its earliest endpoint, an endpoint with its latest limit.", "[desk]"
) {
    auto desk = desk_with({endpoint("rate", 8, 60), endpoint("tokens", 8, 0, 600)});
    for (const Sequence seq : {1u, 2u, 3u}) desk.line_up({.seq = seq, .estimate = {10, 0}});
    const auto a = desk.next(noon);
    const auto b = desk.next(noon);
    CHECK(a->endpoint != b->endpoint);
    CHECK(!desk.next(noon));
    CHECK(desk.ready_at(noon) == noon + 1s);  // One more a second; ten tokens take as long.
}

TEST_CASE("Limits of prompts and of answers take what is likely at their endpoint.", "[desk]") {
    // When the second request may start, after a first whose answer told this.
    const auto next_after = [](EndpointSettings settings, const Usage& usage) {
        settings.name = "only";
        settings.places = 8;
        auto desk = desk_with({settings});
        desk.line_up({.seq = 1, .estimate = {100, 1000}});
        const auto first = desk.next(noon);
        auto answered = success;
        answered.usage = usage;
        desk.settle(*first, answered, noon + 10h);  // The buckets are full again.
        desk.line_up({.seq = 2, .estimate = {100, 1000}});
        CHECK(desk.next(noon + 20h));
        desk.line_up({.seq = 3, .estimate = {100, 1000}});
        return desk.ready_at(noon + 20h) - (noon + 20h);
    };
    // Ten tokens a second: one in ten of the prompt is read anew, and an answer has five tokens.
    const Usage cached{.input_tokens = 100, .output_tokens = 5, .cached_tokens = 90};
    CHECK(next_after({.input_tpm = 600}, cached) == 10s);
    CHECK(next_after({.input_tpm = 600, .counts_cached = false}, cached) == 1s);
    CHECK(next_after({.output_tpm = 60}, {.input_tokens = 100, .output_tokens = 125}) == 60s);
    CHECK(next_after({.output_tpm = 600}, {.input_tokens = 100, .output_tokens = 125}) == 12500ms);
}

TEST_CASE("No attempt starts while the run's limit of attempts in flight is reached.", "[desk]") {
    auto desk = desk_with({endpoint("wide", 100)}, 1);
    desk.line_up({.seq = 1});
    desk.line_up({.seq = 2});
    REQUIRE(desk.next(noon));
    CHECK(!desk.next(noon));
    CHECK(desk.ready_at(noon) == never);
}

TEST_CASE("A request that was removed from the line gets no grant.", "[desk]") {
    auto desk = desk_with({endpoint("only", 1)});
    desk.line_up({.seq = 1});
    CHECK(desk.step_out(1));
    CHECK(!desk.step_out(1));
    CHECK(!desk.next(noon));
}

TEST_CASE(
    "An endpoint that asked for a pause gets no attempt before the pause is over.", "[desk]"
) {
    auto desk = desk_with({endpoint("only", 8)});
    for (const Sequence seq : {1u, 2u}) desk.line_up({.seq = seq});
    const auto grant = desk.next(noon);
    CHECK(desk.settle(*grant, {.pause = 20s}, noon) == "");
    CHECK(!desk.next(noon + 19999ms));
    CHECK(desk.ready_at(noon) >= noon + 20s);
    CHECK(desk.ready_at(noon) <= noon + 22s);  // A tenth more at most.
    CHECK(desk.opens_at(noon) == desk.ready_at(noon));
    CHECK(desk.next(noon + 22s));
    CHECK(!desk.unusable(noon));
}

TEST_CASE("A pause of one endpoint does not hold back requests that others can serve.", "[desk]") {
    auto desk = desk_with({endpoint("first", 8), endpoint("second", 8)});
    for (const Sequence seq : {1u, 2u, 3u}) desk.line_up({.seq = seq});
    const auto grant = desk.next(noon);
    desk.settle(*grant, {.pause = 20s}, noon);
    CHECK(desk.next(noon)->endpoint != grant->endpoint);
    CHECK(desk.next(noon)->endpoint != grant->endpoint);
    CHECK(desk.opens_at(noon) == noon);
}

TEST_CASE("An endpoint that asks for a pause of a day becomes unusable.", "[desk]") {
    auto desk = desk_with({endpoint("tired", 8)});
    desk.line_up({.seq = 1});
    const auto grant = desk.next(noon);
    desk.settle(*grant, {.pause = 24h}, noon);
    REQUIRE(desk.unusable(noon));
    CHECK(desk.unusable(noon)->find("tired") != std::string::npos);
    CHECK(!desk.unusable(noon + 26h));
}

TEST_CASE("A refused API key closes its endpoint at once, and no other endpoint.", "[desk]") {
    auto first = endpoint("first", 8), second = endpoint("second", 8);
    first.key_from = second.key_from = "$THE_KEY";
    auto desk = desk_with({first, second});
    for (const Sequence seq : {1u, 2u, 3u}) desk.line_up({.seq = seq});
    const EndpointFeedback refused{.effect = Effect::close, .is_about_key = true, .why = "auth"};
    const auto grant = desk.next(noon);
    const auto said = desk.settle(*grant, refused, noon);
    CHECK(said == "endpoint=" + desk.name(grant->endpoint) + " closed for this run: auth");
    CHECK(!desk.unusable(noon));
    const auto other = desk.next(noon);
    CHECK(other->endpoint != grant->endpoint);
    desk.settle(*other, refused, noon);
    CHECK(!desk.next(noon));
    CHECK(
        desk.unusable(noon) ==
        "first: auth, its key is from $THE_KEY; second: auth, its key is from $THE_KEY"
    );
}

TEST_CASE("Five refusals in a row close an endpoint only if it has answered nothing.", "[desk]") {
    auto desk = desk_with({endpoint("only", 1)});
    const EndpointFeedback refused{.effect = Effect::close_in_a_row, .why = "404"};
    CHECK(served(desk, noon, 4, refused) == 4);
    CHECK(served(desk, noon, 1, {}) == 1);  // Anything between them begins anew.
    CHECK(served(desk, noon, 4, refused) == 4);
    CHECK(!desk.unusable(noon));
    CHECK(served(desk, noon, 2, refused) == 1);
    CHECK(desk.unusable(noon) == "only: 404");

    auto other = desk_with({endpoint("only", 1)});
    CHECK(served(other, noon, 1, success) == 1);
    CHECK(served(other, noon, 100, refused) == 100);
    CHECK(!other.unusable(noon));
}

TEST_CASE("Five refusals in a row close no endpoint while an answer may still come.", "[desk]") {
    const EndpointFeedback refused{.effect = Effect::close_in_a_row, .why = "404"};
    for (const bool is_answered : {true, false}) {
        auto desk = desk_with({endpoint("only", 8)});
        desk.line_up({.seq = 1});
        const auto slow = desk.next(noon);
        CHECK(served(desk, noon, 9, refused) == 5);
        CHECK(!desk.unusable(noon));
        CHECK(desk.ready_at(noon) == never);
        desk.settle(*slow, is_answered ? success : refused, noon + 1s);
        CHECK(desk.unusable(noon + 1s).has_value() != is_answered);
        CHECK(desk.next(noon + 1s).has_value() == is_answered);
    }
}

TEST_CASE(
    "Tokens are reserved when an attempt starts, and corrected by the reported usage.", "[desk]"
) {
    auto desk = desk_with({endpoint("only", 8, 0, 6000)});  // A hundred a second.
    desk.line_up({.seq = 1, .estimate = {100, 0}});
    desk.line_up({.seq = 2, .estimate = {90, 0}});
    const auto grant = desk.next(noon);
    CHECK(!desk.next(noon));
    desk.settle(*grant, {.usage = Usage{4, 6}}, noon);
    CHECK(desk.next(noon));
}

TEST_CASE("A later tier serves only while no endpoint of an earlier tier is well.", "[desk]") {
    auto late = endpoint("late", 8);
    late.tier = 1;
    auto desk = desk_with({late, endpoint("early", 1)});
    for (const Sequence seq : {1u, 2u}) desk.line_up({.seq = seq});
    const auto grant = desk.next(noon);
    CHECK(desk.name(grant->endpoint) == "early");
    CHECK(!desk.next(noon));  // Busy is well: nothing spills over.
    CHECK(desk.ready_at(noon) == never);

    desk.settle(*grant, {.pause = 1min}, noon);
    CHECK(!desk.next(noon));  // It will be back soon.
    desk.line_up({.seq = 3});
    const auto rested = desk.next(noon + 2min);
    desk.settle(*rested, {.pause = 10min}, noon + 2min);
    CHECK(desk.name(desk.next(noon + 2min)->endpoint) == "late");
    desk.line_up({.seq = 4});
    CHECK(desk.name(desk.next(noon + 14min)->endpoint) == "early");
}

TEST_CASE("An open circuit lets no attempt pass, then one probe at a time, then all.", "[desk]") {
    auto desk = desk_with({endpoint("only", 8)});
    CHECK(served(desk, noon, 9, failure) == 5);
    CHECK(!desk.next(noon));
    CHECK(!desk.unusable(noon));  // It is waited for.
    const auto back = desk.ready_at(noon);
    CHECK(back >= noon + 800ms);
    CHECK(back <= noon + 1200ms);
    CHECK(desk.opens_at(noon) == back);

    for (Sequence seq = 1; seq <= 8; ++seq) desk.line_up({.seq = seq});
    const auto now = back;
    const auto probe = desk.next(now);
    REQUIRE(probe);
    CHECK(probe->permit.is_probe);
    CHECK(!desk.next(now));
    CHECK(!desk.settle(*probe, success, now).empty());
    CHECK(desk.next(now));  // Slowly at first: one, then two.
    CHECK(!desk.next(now));
}

TEST_CASE(
    "The message of an open circuit names the reason and the time of the next probe.", "[desk]"
) {
    auto desk = desk_with({endpoint("main", 8)});
    CHECK(served(desk, noon, 4, failure) == 4);
    desk.line_up({.seq = 1});
    const auto said = desk.settle(*desk.next(noon), failure, noon);
    CHECK(said.starts_with("endpoint=main circuit opened, last: 500; probing again in "));

    const auto now = noon + 4s;
    desk.line_up({.seq = 2});
    const auto again = desk.settle(*desk.next(now), failure, now);
    CHECK(again.starts_with("endpoint=main has been failing for 4.0 s, last: 500; probing "));
}

TEST_CASE("An endpoint of an earlier tier is probed while a later tier serves.", "[desk]") {
    auto late = endpoint("late", 8);
    late.tier = 1;
    auto desk = desk_with({endpoint("early", 8), late});
    CHECK(served(desk, noon, 5, failure) == 5);
    for (Sequence seq = 1; seq <= 9; ++seq) desk.line_up({.seq = seq});
    CHECK(desk.name(desk.next(noon)->endpoint) == "late");
    const auto probe = desk.next(noon + 2s);
    CHECK(desk.name(probe->endpoint) == "early");
    CHECK(desk.name(desk.next(noon + 2s)->endpoint) == "late");
}

TEST_CASE("A retry goes to another endpoint than the attempt before, if one is ready.", "[desk]") {
    for (Sequence seq = 0; seq < 50; ++seq) {
        auto desk = desk_with({endpoint("a", 1), endpoint("b", 1), endpoint("c", 1)});
        desk.line_up({.seq = seq, .retry_cost = 14, .tries = 1, .last = 1});
        CHECK(desk.next(noon)->endpoint != 1);
    }
    auto desk = desk_with({endpoint("a", 1)});
    desk.line_up({.seq = 1, .retry_cost = 14, .tries = 1, .last = 0});
    CHECK(desk.next(noon)->endpoint == 0);
}

TEST_CASE("The endpoint with the shorter recent time to first byte gets more requests.", "[desk]") {
    auto desk = desk_with({endpoint("slow", 64), endpoint("fast", 64)}, 16);
    std::vector<std::pair<TimePoint, Desk::Grant>> flying;
    std::array<int, 2> served{};
    Sequence seq = 0;
    for (auto now = noon; now < noon + 60s; now += 10ms) {
        for (auto at = flying.begin(); at != flying.end();) {
            const auto takes = at->second.endpoint == 0 ? 2s : 200ms;
            if (at->first + takes > now) {
                ++at;
                continue;
            }
            auto feedback = success;
            feedback.first_byte = takes;
            desk.settle(at->second, feedback, now);
            ++served[at->second.endpoint];
            at = flying.erase(at);
        }
        while (desk.in_line() < 4) desk.line_up({.seq = ++seq});
        while (const auto grant = desk.next(now)) flying.emplace_back(now, *grant);
    }
    CHECK(served[0] > 0);
    CHECK(served[0] * 100 < (served[0] + served[1]) * 15);
}

TEST_CASE(
    "An outage costs 35 retries at an endpoint; later retries wait and let others pass.", "[desk]"
) {
    auto desk = desk_with({endpoint("only", 100)}, 100);
    desk.line_up({.seq = 5000});
    REQUIRE(desk.next(noon));  // And stays in flight: it may yet earn some.
    int retries = 0;
    for (Sequence seq = 0; seq < 200; ++seq) {
        desk.line_up({.seq = seq, .retry_cost = 14, .tries = 1});
        desk.line_up({.seq = 1000 + seq});
        while (const auto grant = desk.next(noon + seq * 1s)) {
            retries += grant->permit.paid.retry_cost > 0;
            desk.settle(*grant, {}, noon + seq * 1s);
        }
    }
    CHECK(retries == 35);
    CHECK(desk.in_line() == 165);
    CHECK(desk.oldest_in_line() == 35u);
}

TEST_CASE(
    "The oldest retry runs alone without quota if no other request can earn quota.", "[desk]"
) {
    auto desk = desk_with({endpoint("only", 100)}, 100);
    for (Sequence seq = 0; seq < 40; ++seq) {
        desk.line_up({.seq = seq, .retry_cost = 14, .tries = 1});
    }
    std::vector<Desk::Grant> flying;
    while (const auto grant = desk.next(noon)) flying.push_back(*grant);
    CHECK(flying.size() == 35);
    CHECK(desk.ready_at(noon) == never);
    for (const auto& grant : flying) desk.settle(grant, {}, noon);
    REQUIRE(desk.next(noon));
    CHECK(!desk.next(noon));
    CHECK(desk.ready_at(noon) == never);
}

TEST_CASE("A probe uses a request without attempts, or else the one with the fewest.", "[desk]") {
    auto desk = desk_with({endpoint("only", 8)});
    CHECK(served(desk, noon, 5, failure) == 5);
    desk.line_up({.seq = 1, .retry_cost = 14, .tries = 3});
    desk.line_up({.seq = 2, .retry_cost = 14, .tries = 1});
    desk.line_up({.seq = 3, .retry_cost = 14, .tries = 2, .latest = noon});
    desk.line_up({.seq = 9});
    auto now = noon + 6s;
    const auto first = desk.next(now);
    CHECK(first->seq == 9);
    desk.settle(*first, {}, now);
    CHECK(desk.next(now)->seq == 2);
}

TEST_CASE(
    "A request that is over the budget does not probe and does not delay the probe.", "[desk]"
) {
    Desk desk{{endpoint("only", 8)}, {.in_flight = 8, .budget = {.tokens = 1000}}};
    CHECK(served(desk, noon, 5, failure) == 5);
    desk.line_up({.seq = 1, .estimate = {100, 0}, .retry_cost = 14, .tries = 3});
    desk.line_up({.seq = 2, .estimate = {3000, 0}, .retry_cost = 14, .tries = 1});
    REQUIRE(desk.ready_at(noon) != never);
    CHECK(desk.next(desk.ready_at(noon))->seq == 1);
}

TEST_CASE("An exhausted quota with a Retry-After parks its endpoint until then.", "[desk]") {
    auto late = endpoint("late", 8);
    late.tier = 1;
    auto desk = desk_with({endpoint("early", 8), late});
    for (const Sequence seq : {1u, 2u, 3u}) desk.line_up({.seq = seq});
    const Fault empty{.kind = FaultKind::quota, .retry_after = 30s};
    desk.settle(*desk.next(noon), feedback_of({.outcome = empty, .trail = {}}), noon);
    CHECK(desk.name(desk.next(noon)->endpoint) == "late");
    CHECK(desk.name(desk.next(noon + 34s)->endpoint) == "early");
    CHECK(!desk.unusable(noon));
}

TEST_CASE(
    "A request whose latest start is before any endpoint opens is too late at once.", "[desk]"
) {
    auto desk = desk_with({endpoint("only", 8)});
    desk.line_up({.seq = 1});
    desk.settle(*desk.next(noon), {.pause = 60s}, noon);
    desk.line_up({.seq = 2, .latest = noon + 59s});
    CHECK(desk.too_late(noon) == 2u);
    desk.step_out(2);
    desk.line_up({.seq = 3, .latest = noon + 70s});
    CHECK(!desk.too_late(noon));
}

TEST_CASE("The head of the line is too late when its latest start has passed.", "[desk]") {
    auto desk = desk_with({endpoint("only", 8)});
    desk.line_up({.seq = 1, .latest = noon});
    CHECK(!desk.too_late(noon - 1ns));
    CHECK(desk.too_late(noon) == 1u);
    CHECK(desk.ready_at(noon - 1min) == noon - 1min);
}

TEST_CASE(
    "A request that must run alone waits until a worker is cleared, and runs there alone.", "[desk]"
) {
    auto worker = endpoint("local", 4);
    worker.is_local = true;
    auto desk = desk_with({worker});
    desk.take({.endpoint = 0, .availability = Availability::there});
    desk.line_up({.seq = 5});
    const auto first = desk.next(noon);
    REQUIRE(first);
    desk.line_up({.seq = 1, .tries = 2, .alone = true});
    desk.line_up({.seq = 6});
    CHECK(!desk.next(noon));  // The worker is cleared for it, and nothing enters meanwhile.
    desk.settle(*first, success, noon);
    const auto alone = desk.next(noon);
    REQUIRE(alone);
    CHECK(alone->seq == 1);
    CHECK(!desk.next(noon));
    desk.settle(*alone, success, noon);
    CHECK(desk.next(noon)->seq == 6);
}

TEST_CASE("One of two workers goes on serving while the other is cleared.", "[desk]") {
    auto one = endpoint("local-0", 4), two = endpoint("local-1", 4);
    one.is_local = two.is_local = true;
    auto desk = desk_with({one, two});
    for (const EndpointIndex i : {0u, 1u})
        desk.take({.endpoint = i, .availability = Availability::there});
    for (const Sequence seq : {1u, 2u, 3u, 4u}) desk.line_up({.seq = seq});
    std::vector<Desk::Grant> under_way;
    while (auto grant = desk.next(noon)) under_way.push_back(*grant);
    CHECK(under_way.size() == 4);
    desk.line_up({.seq = 9, .tries = 2, .alone = true});
    for (const Sequence seq : {10u, 11u}) desk.line_up({.seq = seq});
    for (auto grant = desk.next(noon); grant; grant = desk.next(noon)) {
        CHECK(desk.name(grant->endpoint) == "local-1");
    }
}

}  // namespace
}  // namespace skein
