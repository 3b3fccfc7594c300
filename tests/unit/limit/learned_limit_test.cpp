#include "limit/learned_limit.hpp"

#include "base/random.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <map>

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};
constexpr Duration margin = 5ms;  // The extra wait after the refill.

BucketNews evenly(double limit, double remaining, Duration reset) {
    return {limit, remaining, reset, Refill::evenly};
}

BucketNews window(std::optional<double> limit, double remaining, Duration reset) {
    return {limit, remaining, reset, Refill::at_once};
}

// A limit after one attempt at noon, whose news are the only ones.
LearnedLimit told(const BucketNews& news) {
    LearnedLimit limit;
    limit.learn(noon, news, limit.take(noon));
    return limit;
}

TEST_CASE("A learned limit without news does not limit.", "[limit]") {
    LearnedLimit limit;
    for (int i = 0; i < 1000; ++i) limit.take(noon);
    CHECK(limit.ready_at(noon, 1e12) == noon);
}

TEST_CASE("A learned limit admits what is left, and then waits for the refill.", "[limit]") {
    auto limit = told(evenly(60, 2, 58s));
    for (int i = 0; i < 2; ++i) {
        CHECK(limit.ready_at(noon) == noon);
        limit.take(noon);
    }
    CHECK(limit.ready_at(noon) == noon + 1s + margin);
    CHECK(limit.ready_at(noon + 300ms) == noon + 1s + margin);
    limit.take(noon + 1s + margin);
    // The refill since the first attempt is available.
    const auto next = limit.ready_at(noon + 1s + margin);
    CHECK(std::chrono::round<std::chrono::microseconds>(next - noon) == 2s + margin);
}

TEST_CASE("A learned limit per day refills at the daily rate.", "[limit]") {
    auto limit = told(evenly(14400, 0, 24h));
    CHECK(limit.ready_at(noon) == noon + 6s + margin);
}

TEST_CASE("A bucket smaller than its limit per minute refills at the rate per minute.", "[limit]") {
    auto limit = told(evenly(/*limit=*/600, /*remaining=*/0, /*reset=*/1s));
    CHECK(limit.ready_at(noon) == noon + 100ms + margin);
    for (int i = 0; i < 10; ++i) {  // No more than at the reset, after any idle time.
        CHECK(limit.ready_at(noon + 30s) == noon + 30s);
        limit.take(noon + 30s);
    }
    CHECK(limit.ready_at(noon + 30s) == noon + 30s + 100ms + margin);
}

TEST_CASE("A request larger than a learned bucket starts when the bucket is full.", "[limit]") {
    auto limit = told(evenly(6000, 5900, 1s));
    CHECK(limit.ready_at(noon, 1e6) == noon + 1s + margin);
    limit.take(noon + 1s, 1e6);
    CHECK(limit.ready_at(noon + 1s) == noon + 1s + 60s);  // The moment when the news expire.
}

TEST_CASE("A learned fixed window admits only what is left until its reset.", "[limit]") {
    auto limit = told(window(500, 1, 40s));
    CHECK(limit.ready_at(noon) == noon);
    limit.take(noon);
    CHECK(limit.ready_at(noon) == noon + 40s);
    CHECK(limit.ready_at(noon + 39s) == noon + 40s);
    CHECK(limit.ready_at(noon + 40s) == noon + 40s);
    limit.take(noon + 40s);
    CHECK(limit.ready_at(noon + 40s) == noon + 40s);
    CHECK(told(window({}, 0, 40s)).ready_at(noon) == noon + 40s);
}

TEST_CASE(
    "A learned limit subtracts attempts that started after the attempt of the news.", "[limit]"
) {
    LearnedLimit limit;
    const auto first = limit.take(noon);
    for (int i = 0; i < 4; ++i) limit.take(noon);
    limit.learn(noon, evenly(60, 6, 54s), first);
    CHECK(limit.ready_at(noon, 2) == noon);
    CHECK(limit.ready_at(noon, 3) == noon + 1s + margin);
}

TEST_CASE("A learned limit ignores news of an older attempt.", "[limit]") {
    LearnedLimit limit;
    const auto first = limit.take(noon);
    const auto second = limit.take(noon);
    limit.learn(noon, evenly(60, 0, 60s), second);
    limit.learn(noon, evenly(60, 50, 10s), first);
    CHECK(limit.ready_at(noon) == noon + 1s + margin);
    limit.learn(noon, evenly(60, 9, 51s), limit.take(noon));
    CHECK(limit.ready_at(noon, 9) == noon);
}

TEST_CASE("A learned limit expires a minute after its reset.", "[limit]") {
    const auto limit = told(evenly(1, 0, 60s));
    CHECK(limit.ready_at(noon) == noon + 60s + margin);
    auto spent = told(evenly(1, 0, 60s));
    for (int i = 0; i < 100; ++i) spent.take(noon);
    CHECK(spent.ready_at(noon) == noon + 120s);
    CHECK(spent.ready_at(noon + 120s) == noon + 120s);
}

TEST_CASE("A learned limit ignores implausible news.", "[limit]") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double endless = std::numeric_limits<double>::infinity();
    for (const auto& news : {
             window(60, -1, 40s),
             window(0, 0, 40s),
             window(-1, 0, 40s),
             window(60, 61, 40s),
             window(60, 0, -1s),
             window(60, 0, 25h),
             window(60, nan, 40s),
             window(nan, 0, 40s),
             window(endless, 0, 40s),
             evenly(1e300, 0, 1ns),
             BucketNews{60, 0, {}, Refill::evenly},
             BucketNews{60, {}, 40s, Refill::evenly},
             BucketNews{},
         }) {
        CHECK(told(news).ready_at(noon) == noon);
    }
    LearnedLimit limit = told(window(60, 0, 40s));
    limit.learn(noon, window(60, -1, 0s), limit.take(noon));
    CHECK(limit.ready_at(noon) == noon + 40s);
}

TEST_CASE("A learned limit with an immediate reset or a full bucket does not delay.", "[limit]") {
    CHECK(told(window(60, 0, 0s)).ready_at(noon) == noon);
    CHECK(told(evenly(60, 0, 0s)).ready_at(noon) == noon);
    CHECK(told(evenly(60, 60, 0s)).ready_at(noon, 60) == noon);
    CHECK(told(evenly(60, 60, 1s)).ready_at(noon, 60) == noon);
}

// A simulated server with a token bucket: it answers after a delay, and refuses if the bucket is
// empty.
struct Server {
    double per_second;
    double burst;
    double level = burst;
    TimePoint at = noon;

    struct Answer {
        LearnedLimit::Mark mark;
        BucketNews news;
    };

    bool take(TimePoint now) {
        level =
            std::min(burst, level + std::chrono::duration<double>{now - at}.count() * per_second);
        at = now;
        const bool granted = level >= 1;
        level -= granted;
        return granted;
    }

    BucketNews news() const {
        const std::chrono::duration<double> full{(burst - level) / per_second};
        return evenly(60 * per_second, std::floor(level), std::chrono::ceil<Duration>(full));
    }
};

TEST_CASE(
    "A client of a learned limit gets nearly the whole rate and is hardly ever refused.", "[limit]"
) {
    for (const auto latency : std::initializer_list<Duration>{1ms, 300ms, 4s}) {
        Server server{/*per_second=*/10, /*burst=*/10};
        LearnedLimit limit;
        std::multimap<TimePoint, Server::Answer> answers;
        int granted = 0, refused = 0;
        for (auto now = noon; now < noon + 120s; now += 1ms) {
            for (; !answers.empty() && answers.begin()->first <= now;
                 answers.erase(answers.begin())) {
                const auto& answer = answers.begin()->second;
                limit.learn(now, answer.news, answer.mark);
            }
            while (answers.size() < 64 && limit.ready_at(now) <= now) {
                const auto mark = limit.take(now);
                const bool ok = server.take(now + 500us);
                if (now >= noon + latency + 1s) (ok ? granted : refused) += 1;
                answers.emplace(now + (ok ? latency : 1ms), Server::Answer{mark, server.news()});
            }
        }
        const double seconds = 119 - std::chrono::duration<double>{latency}.count();
        INFO("latency " << latency.count() << " granted " << granted << " refused " << refused);
        CHECK(granted >= 0.97 * 10 * seconds);
        CHECK(refused <= 0.01 * granted);
    }
}

TEST_CASE("A learned limit adds a small margin to the moment of refill.", "[limit]") {
    const auto wait = [](const BucketNews& news) {
        return std::chrono::round<std::chrono::microseconds>(told(news).ready_at(noon) - noon);
    };
    CHECK(wait(evenly(6000, 0, 20ms)) == 15ms);
    CHECK(wait(evenly(600, 0, 100ms)) == 105ms);
    CHECK(wait(evenly(60'000, 0, 1ms)) == 1050us);

    Server server{/*per_second=*/10, /*burst=*/1};
    LearnedLimit limit;
    SplitMix rng{1};
    int granted = 0, refused = 0;
    auto now = noon;
    for (; now < noon + 120s; now = limit.ready_at(now)) {
        const auto mark = limit.take(now);
        const auto way = Duration{rng() % 4'000'000};
        (server.take(now + way) ? granted : refused) += 1;
        limit.learn(now + 2 * way, server.news(), mark);
        now += 2 * way;
    }
    INFO("granted " << granted << " refused " << refused);
    CHECK(granted >= 0.9 * 10 * 120);
    CHECK(refused <= 0.01 * granted);
}

TEST_CASE("A larger cost is never ready sooner at a learned limit.", "[limit]") {
    for (const double full : {1.0, 2.0, 5.0, 6.0, 7.0, 100.0}) {
        LearnedLimit limit;
        const auto mark = limit.take(noon, full);
        limit.learn(
            noon,
            {.limit = 60'000,
             .remaining = 0,
             .reset = 1ms * static_cast<int>(full),
             .refill = Refill::evenly},
            mark
        );
        for (double cost = 0.5; cost < 8; cost += 0.5) {
            CAPTURE(full, cost);
            CHECK(limit.ready_at(noon, cost) <= limit.ready_at(noon, cost + 0.5));
        }
    }
}

}  // namespace
}  // namespace skein
