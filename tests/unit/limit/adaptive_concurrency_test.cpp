#include "limit/adaptive_concurrency.hpp"

#include "base/random.hpp"
#include "support/catch.hpp"

#include <deque>

namespace skein {
namespace {

using namespace std::chrono_literals;
using Turn = AdaptiveConcurrency::Turn;

// A simulated server that answers in order: after 1 ms with a push-back, after 100 ms with an
// answer.
struct Server {
    AdaptiveConcurrency limit;
    std::size_t room;      // Attempts beyond this are pushed back.
    double by_chance = 0;  // Share of push-backs independent of load.
    std::size_t asked_at_max = 1000;
    SplitMix rng{7};
    TimePoint now{1h};
    std::deque<AdaptiveConcurrency::Mark> served{};
    std::deque<AdaptiveConcurrency::Mark> pushed_back{};
    std::size_t refused = 0;
    std::size_t answered = 0;
    std::size_t cuts = 0, restored = 0, recovered = 0;

    std::size_t taken() const { return served.size() + pushed_back.size(); }

    void end(std::deque<AdaptiveConcurrency::Mark>& marks, bool is_pushed_back) {
        const auto mark = marks.front();
        marks.pop_front();
        (is_pushed_back ? refused : answered) += 1;
        const auto turn = limit.leave(now, mark, is_pushed_back, taken());
        cuts += turn == Turn::cut ? 1 : 0;
        restored += turn == Turn::restored ? 1 : 0;
        recovered += turn == Turn::recovered ? 1 : 0;
    }

    void pass(Duration span) {
        for (const auto until = now + span; now < until; now += 1ms) {
            while (!pushed_back.empty()) end(pushed_back, true);
            while (!served.empty() && now - served.front().since >= 100ms) end(served, false);
            while (taken() < asked_at_max && limit.ready_at(now, taken()) <= now) {
                const auto mark = limit.enter(now, taken() + 1);
                const bool is_refused = served.size() >= room || rng.unit() < by_chance;
                (is_refused ? pushed_back : served).push_back(mark);
            }
        }
    }
};

TEST_CASE("An adaptive concurrency limit without push-backs stays at its maximum.", "[limit]") {
    Server server{AdaptiveConcurrency{64}, 1000};
    server.pass(10s);
    CHECK(server.limit.places() == 64);
    CHECK(server.cuts == 0);
}

TEST_CASE("An adaptive concurrency limit finds the capacity of a server.", "[limit]") {
    for (const std::size_t room : {4, 20, 48, 100}) {
        CAPTURE(room);
        Server server{AdaptiveConcurrency{256}, room};
        server.pass(2s);
        server.refused = server.answered = 0;
        server.pass(20s);
        CAPTURE(server.limit.places(), server.refused, server.answered);
        CHECK(server.answered >= 200 * room * 80 / 100);  // Each place serves ten per second.
        CHECK(server.refused <= server.answered * 3 / 10);
        CHECK(server.cuts > 0);
    }
}

TEST_CASE("Push-backs that do not fall with the load restore the concurrency limit.", "[limit]") {
    for (const double by_chance : {0.1, 0.2, 0.4}) {
        CAPTURE(by_chance);
        Server server{AdaptiveConcurrency{64}, 1000, by_chance};
        server.pass(5s);
        CHECK(server.restored >= 1);
        CHECK(server.restored <= 5);  // After that the share counts as usual.
        CHECK(server.limit.places() > 48);
    }
}

TEST_CASE(
    "Push-backs of a few percent are noise, and do not cut the concurrency limit.", "[limit]"
) {
    for (const double by_chance : {0.001, 0.01, 0.02}) {
        CAPTURE(by_chance);
        Server server{AdaptiveConcurrency{500}, 5000, by_chance};
        server.pass(20s);
        CHECK(server.cuts == 0);
    }
}

TEST_CASE(
    "A concurrency limit that was cut grows back when the server accepts everything again.",
    "[limit]"
) {
    Server server{AdaptiveConcurrency{64}, 8};
    server.pass(2s);
    CHECK(server.limit.places() < 16);
    server.room = 1000;
    server.pass(5s);
    CHECK(server.limit.places() == 64);
    CHECK(server.recovered == 1);
}

TEST_CASE("A server that pushes everything back gets one attempt at a time.", "[limit]") {
    Server server{AdaptiveConcurrency{64}, 0};
    server.pass(1s);
    CHECK(server.limit.places() == 1);
    server.room = 1000;
    server.pass(3s);
    CHECK(server.limit.places() == 64);
}

TEST_CASE("A concurrency limit that is hardly used is not cut by push-backs.", "[limit]") {
    Server server{AdaptiveConcurrency{64}, 1000, 0.5, 3};
    server.pass(300ms);
    CHECK(server.limit.places() == 64);
}

TEST_CASE("A concurrency limit after an outage starts at one and doubles each round.", "[limit]") {
    AdaptiveConcurrency limit{16};
    limit.start_slowly();
    CHECK(limit.places() == 1);
    TimePoint now{1h};
    for (const std::size_t places : {2, 4, 8, 16}) {
        const auto before = limit.places();
        std::deque<AdaptiveConcurrency::Mark> round;
        while (limit.ready_at(now, round.size()) <= now) {
            round.push_back(limit.enter(now, round.size() + 1));
        }
        CHECK(round.size() == before);
        while (!round.empty()) {
            const auto mark = round.front();
            round.pop_front();
            limit.leave(now, mark, false, round.size());
        }
        CHECK(limit.places() == places);
    }
}

TEST_CASE("No attempt enters for up to 100 ms after a cut, while push-backs come in.", "[limit]") {
    AdaptiveConcurrency limit{64};
    TimePoint now{1h};
    std::deque<AdaptiveConcurrency::Mark> marks;
    for (std::size_t i = 1; i <= 64; ++i) marks.push_back(limit.enter(now, i));
    now += 1s;
    std::size_t taken = 64;
    while (limit.leave(now, marks.front(), true, --taken) != Turn::cut) marks.pop_front();
    CHECK(limit.ready_at(now, taken) == now + 100ms);
    CHECK(limit.ready_at(now + 100ms, 0) == now + 100ms);
}

}  // namespace
}  // namespace skein
