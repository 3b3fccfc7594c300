#include "limit/backoff.hpp"
#include "limit/concurrency_limit.hpp"
#include "limit/pause.hpp"
#include "limit/token_bucket.hpp"
#include "support/catch.hpp"

#include <algorithm>

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

TEST_CASE("A full concurrency limit is ready again when an attempt leaves.", "[limit]") {
    ConcurrencyLimit room{2};
    CHECK(room.ready_at(noon) == noon);
    room.enter();
    room.enter();
    CHECK(room.ready_at(noon) == never);
    room.leave();
    CHECK(room.ready_at(noon) == noon);
    CHECK(room.taken() == 1);
}

TEST_CASE("An empty token bucket gives the exact moment of readiness.", "[limit]") {
    TokenBucket bucket{/*per_second=*/10, /*burst=*/2};
    bucket.take(noon);
    bucket.take(noon);
    CHECK(bucket.ready_at(noon) == noon + 100ms);
    CHECK(bucket.ready_at(noon + 40ms) == noon + 100ms);
    CHECK(bucket.ready_at(noon + 100ms) == noon + 100ms);
    CHECK(bucket.ready_at(noon + 1s) == noon + 1s);
}

TEST_CASE("An idle token bucket holds no more than its burst.", "[limit]") {
    TokenBucket bucket{10, 2};
    for (int i = 0; i < 2; ++i) bucket.take(noon + 24h);
    CHECK(bucket.ready_at(noon + 24h) > noon + 24h);
}

TEST_CASE("A cost above the burst waits for a full token bucket, and leaves a debt.", "[limit]") {
    TokenBucket bucket{/*per_second=*/100, /*burst=*/100};
    CHECK(bucket.ready_at(noon, 350) == noon);
    bucket.take(noon, 350);
    CHECK(bucket.ready_at(noon, 1) == noon + 2510ms);
    CHECK(bucket.ready_at(noon, 350) == noon + 3500ms);
}

TEST_CASE(
    "A corrected cost returns unused tokens, or leaves a debt for tokens used beyond.", "[limit]"
) {
    TokenBucket bucket{100, 100};
    bucket.take(noon, 100);
    bucket.correct(noon, -60);
    CHECK(bucket.ready_at(noon, 60) == noon);
    bucket.correct(noon, 160);
    CHECK(bucket.ready_at(noon, 1) == noon + 1010ms);
    bucket.correct(noon, -1e9);
    bucket.take(noon, 100);
    CHECK(bucket.ready_at(noon, 1) > noon);
}

TEST_CASE(
    "A token bucket per minute has a burst of one second's worth, and of one unit at least.",
    "[limit]"
) {
    auto of_600 = TokenBucket::per_minute(600);
    for (int i = 0; i < 10; ++i) of_600.take(noon);
    CHECK(of_600.ready_at(noon) == noon + 100ms);
    auto of_6 = TokenBucket::per_minute(6);
    of_6.take(noon);
    CHECK(of_6.ready_at(noon) == noon + 10s);
    const auto none = TokenBucket::per_minute(0);
    CHECK(none.ready_at(noon, 1e12) == noon);
}

TEST_CASE("A token bucket per minute that begins empty fills from that moment on.", "[limit]") {
    auto of_60 = TokenBucket::per_minute(60, noon);
    CHECK(of_60.ready_at(noon) == noon + 1s);
    of_60.take(noon + 1s);
    CHECK(of_60.ready_at(noon + 1s) == noon + 2s);
    const auto of_6000 = TokenBucket::per_minute(6000, noon);
    CHECK(of_6000.ready_at(noon) == noon + 10ms);
    CHECK(of_6000.ready_at(noon, 50) == noon + 500ms);
    const auto none = TokenBucket::per_minute(0, noon);
    CHECK(none.ready_at(noon, 1e12) == noon);
}

TEST_CASE("A token bucket with a tiny rate gives a long wait without overflow.", "[limit]") {
    auto bucket = TokenBucket::per_minute(1e-9);
    bucket.take(noon);
    CHECK(bucket.ready_at(noon) > noon + 24h * 365);
    bucket.correct(noon, 1e18);
    CHECK(bucket.ready_at(noon) > noon + 24h * 365);
}

TEST_CASE("A pause lasts until the latest moment that was asked for.", "[limit]") {
    Pause pause;
    CHECK(pause.ready_at(noon) == noon);
    pause.extend_to(noon + 5s);
    pause.extend_to(noon + 2s);
    CHECK(pause.ready_at(noon) == noon + 5s);
    CHECK(pause.ready_at(noon + 6s) == noon + 6s);
}

TEST_CASE(
    "The ceiling of the backoff doubles with each try up to its maximum, without overflow.",
    "[limit]"
) {
    const Backoff backoff{500ms, 8s};
    CHECK(backoff.ceiling_after(1) == 500ms);
    CHECK(backoff.ceiling_after(2) == 1s);
    CHECK(backoff.ceiling_after(5) == 8s);
    CHECK(backoff.ceiling_after(1100) == 8s);
    CHECK(Backoff{500ms, 3s}.ceiling_after(4) == 3s);
}

TEST_CASE("Full jitter spreads the pauses from zero to the ceiling.", "[limit]") {
    const Backoff backoff{500ms, 8s};
    Duration min = 1h, max = 0s;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        SplitMix rng{seed};
        const auto pause = backoff.after(3, rng);
        min = std::min(min, pause);
        max = std::max(max, pause);
    }
    CHECK(min < 20ms);
    CHECK(max > 1980ms);
    CHECK(max <= 2s);
}

TEST_CASE("A token bucket per minute charges no attempt more than a minute's worth.", "[limit]") {
    auto bucket = TokenBucket::per_minute(6000);
    bucket.take(noon, 1e8);
    CHECK(bucket.ready_at(noon, 1) <= noon + 61s);
    CHECK(bucket.charge_for(1e8) == 6000);
    CHECK(bucket.charge_for(100) == 100);
}

}  // namespace
}  // namespace skein
