#include "wire/timers.hpp"

#include "support/catch.hpp"

#include <map>
#include <random>

using namespace skein;
using namespace std::chrono_literals;
using wire::Timers;

namespace {
constexpr TimePoint noon{12h};
}

TEST_CASE("Deadlines fire in order, each once.", "[wire]") {
    Timers timers;
    timers.set(0, noon + 3s);
    timers.set(1, noon + 1s);
    timers.set(2, noon + 2s);
    CHECK(timers.next() == noon + 1s);
    CHECK_FALSE(timers.pop(noon));
    CHECK(timers.pop(noon + 1s) == 1u);
    CHECK_FALSE(timers.pop(noon + 1s));
    CHECK(timers.pop(noon + 9s) == 2u);
    CHECK(timers.pop(noon + 9s) == 0u);
    CHECK_FALSE(timers.pop(noon + 9s));
    CHECK(timers.next() == never);
}

TEST_CASE("A deadline that moves later does not fire at its old time.", "[wire]") {
    Timers timers;
    timers.set(0, noon + 1s);
    timers.set(0, noon + 5s);
    CHECK(timers.next() <= noon + 5s);
    CHECK_FALSE(timers.pop(noon + 1s));
    CHECK(timers.next() == noon + 5s);
    CHECK(timers.pop(noon + 5s) == 0u);
}

TEST_CASE("A deadline that moves earlier fires at its new time.", "[wire]") {
    Timers timers;
    timers.set(7, noon + 5s);
    timers.set(8, noon + 3s);
    timers.set(7, noon + 1s);
    CHECK(timers.next() == noon + 1s);
    CHECK(timers.pop(noon + 1s) == 7u);
}

TEST_CASE("A million requests on few places cost few heap entries.", "[wire]") {
    Timers timers;
    for (int i = 0; i < 1'000'000; ++i) {
        const auto key = static_cast<Timers::Key>(i % 64);
        timers.set(key, noon + std::chrono::microseconds{i} + 60s);
        timers.set(key, never);
    }
    CHECK(timers.places() <= 64);
    CHECK_FALSE(timers.pop(noon + 1h));
    CHECK(timers.places() == 0);
}

TEST_CASE("The timers agree with a plain map for random operations.", "[wire]") {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        std::mt19937 random{seed};
        Timers timers;
        std::map<Timers::Key, TimePoint> plain;
        TimePoint now = noon;
        for (int step = 0; step < 500; ++step) {
            const auto key = static_cast<Timers::Key>(random() % 20);
            if (random() % 3 != 0) {
                plain[key] = now + std::chrono::milliseconds{random() % 1000};
                timers.set(key, plain[key]);
            } else {
                plain.erase(key);
                timers.set(key, never);
            }
            now += std::chrono::milliseconds{random() % 50};
            while (const auto due = timers.pop(now)) {
                REQUIRE(plain.count(*due) == 1);
                REQUIRE(plain[*due] <= now);
                plain.erase(*due);
            }
            for (const auto& [left, when] : plain) REQUIRE(when > now);
            for (const auto& [left, when] : plain) REQUIRE(timers.next() <= when);
        }
    }
}
