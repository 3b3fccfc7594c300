#include "measure/peak_ewma.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

PeakEwma told(Duration first_byte) {
    PeakEwma mean;
    mean.began(noon, first_byte);
    return mean;
}

TEST_CASE(
    "The load of an endpoint is its time to first byte times the attempts waiting there.",
    "[measure]"
) {
    const auto mean = told(200ms);
    CHECK(mean.load(noon, 0) == Approx(0.2));
    CHECK(mean.load(noon, 4) == Approx(1.0));
    CHECK(mean.load(noon, 4, /*weight=*/2) == Approx(0.5));
}

TEST_CASE(
    "A slower answer raises the peak EWMA at once, a faster one lowers it slowly.", "[measure]"
) {
    auto mean = told(100ms);
    mean.began(noon + 1s, 4s);
    CHECK(mean.load(noon + 1s, 0) == Approx(4.0));
    mean.began(noon + 1s, 100ms);
    CHECK(mean.load(noon + 1s, 0) == Approx(4.0));
    mean.began(noon + 11s, 100ms);
    CHECK(mean.load(noon + 11s, 0) == Approx(0.1 + 3.9 / 2.718281828));
}

TEST_CASE("Many fast answers lower a peak EWMA after a slow one.", "[measure]") {
    auto mean = told(10s);
    for (int i = 1; i <= 1000; ++i) mean.began(noon + i * 100ms, 100ms);
    CHECK(mean.load(noon + 100s, 0) == Approx(0.1).epsilon(0.01));
}

TEST_CASE("A slow endpoint gets another chance after a time, with one request.", "[measure]") {
    const auto slow = told(5s);
    CHECK(slow.load(noon, 0) > 1);
    CHECK(slow.load(noon + 40s, 0) < 0.1);
    CHECK(slow.load(noon + 40s, 1) == Approx(10.0));
}

TEST_CASE(
    "An endpoint that never answered gets one attempt at once, and further ones last.", "[measure]"
) {
    const PeakEwma unknown;
    const auto busy = told(10min);
    CHECK(unknown.load(noon, 0) < told(1ms).load(noon, 0));
    CHECK(unknown.load(noon, 1) > busy.load(noon, 1000));
    CHECK(unknown.load(noon, 2) > unknown.load(noon, 1));
    CHECK(unknown.load(noon, 1, 2) < unknown.load(noon, 1, 1));
}

TEST_CASE("A peak EWMA stays finite and not negative for any order of times.", "[measure]") {
    auto mean = told(1s);
    mean.began(noon - 1h, 500ms);
    CHECK(mean.load(noon - 2h, 0) == Approx(1.0));
    mean.began(noon, -1s);
    CHECK(mean.load(noon, 3) >= 0);
    CHECK(mean.load(noon + 24h * 365, 0) >= 0);
}

}  // namespace
}  // namespace skein
