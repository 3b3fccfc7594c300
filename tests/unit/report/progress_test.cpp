#include "report/progress.hpp"

#include "support/catch.hpp"

namespace skein::report {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

Progress half_way(std::uint64_t done) {
    Progress progress;
    progress.rows = 1000;
    progress.done = done;
    progress.tally.completed = done;
    progress.tally.output_tokens = 10 * done;
    progress.tally.in_flight = 64;
    return progress;
}

TEST_CASE(
    "The first progress line counts from the start of the run, without earlier rows.", "[app]"
) {
    ProgressLine line;
    auto progress = half_way(300);
    progress.tally.resumed = 100;
    progress.tally.completed = 200;
    progress.tally.elapsed = 2s;
    CHECK(
        line.of(progress, noon, 200) ==
        "300/1 000 (30.0 %) · 64 in flight · 100 requests/s · 1 500 tokens/s · ETA 7.0 s"
    );
}

TEST_CASE("A progress line at the very start has no rates.", "[app]") {
    ProgressLine line;
    CHECK(
        line.of(half_way(0), noon, 200) ==
        "0/1 000 (0.0 %) · 64 in flight · 0.0 requests/s · 0.0 tokens/s"
    );
}

TEST_CASE("A progress line shows the done share, the rates and the time left.", "[app]") {
    ProgressLine line;
    line.of(half_way(0), noon, 200);
    auto progress = half_way(200);
    progress.tally.attempt_faults[static_cast<std::size_t>(FaultKind::throttled)] = 3;
    progress.tally.attempt_faults[static_cast<std::size_t>(FaultKind::connect)] = 1;
    CHECK(
        line.of(progress, noon + 4s, 200) ==
        "200/1 000 (20.0 %) · 64 in flight · 50 requests/s · 500 tokens/s · 4 faults · ETA 16.0 s"
    );
}

TEST_CASE("A progress line without a count of rows has no share and no ETA.", "[app]") {
    ProgressLine line;
    auto progress = half_way(20);
    progress.rows = 0;
    line.of(half_way(0), noon, 200);
    CHECK(line.of(progress, noon + 1s, 200) == "20 · 64 in flight · 20 requests/s · 200 tokens/s");
}

TEST_CASE("A reduced concurrency is shown beside the configured one.", "[app]") {
    ProgressLine line;
    auto progress = half_way(0);
    progress.tally.in_flight = 350;
    progress.tally.endpoints = {{.name = "main", .places = 500, .max_places = 500}};
    CHECK(line.of(progress, noon, 200).find("· 350 in flight ·") != std::string::npos);
    progress.tally.endpoints = {{.name = "main", .places = 350, .max_places = 500}};
    CHECK(line.of(progress, noon, 200).find("· 350 of 500 in flight ·") != std::string::npos);
}

TEST_CASE("A progress line names the reason for waiting while no request is in flight.", "[app]") {
    ProgressLine line;
    auto progress = half_way(10);
    progress.tally.endpoints = {
        {.name = "main", .waits_for = "asked for 90 s, 41 s left"}, {.name = "other"}};
    CHECK(line.of(progress, noon, 200).find("41 s left") == std::string::npos);
    progress.tally.in_flight = 0;
    CHECK(line.of(progress, noon, 200)
              .starts_with("10/1 000 (1.0 %) · 0 in flight · main asked for 90 s, 41 s left · "));
}

TEST_CASE("A line that delays the output is named after one second.", "[app]") {
    ProgressLine line;
    auto progress = half_way(1000);
    progress.oldest = 17;
    progress.tally.stalled_on_oldest = 900ms;
    CHECK(line.of(progress, noon, 200).find("waiting") == std::string::npos);
    progress.tally.stalled_on_oldest = 2s;
    CHECK(line.of(progress, noon, 200).ends_with(" · waiting for line 17"));
}

TEST_CASE("Rates are moving averages of the last seconds, not of the whole run.", "[app]") {
    ProgressLine line;
    for (int second = 0; second <= 60; ++second) line.of(half_way(0), noon + second * 1s, 200);
    std::string text;
    for (int second = 61; second <= 80; ++second) {
        const auto done = static_cast<std::uint64_t>(20 * (second - 60));
        text = line.of(half_way(done), noon + second * 1s, 200);
    }
    CHECK(text.find("20 requests/s") != std::string::npos);
    CHECK(text.find("ETA 30.0 s") != std::string::npos);
}

TEST_CASE("A progress line is never wider than the terminal, and its parts stay whole.", "[app]") {
    auto progress = half_way(123);
    progress.tally.attempt_faults[0] = 5;
    progress.oldest = 4'000'000'000;
    progress.tally.stalled_on_oldest = 1h;
    ProgressLine whole_line;
    whole_line.of(half_way(0), noon, 400);
    const auto whole = whole_line.of(progress, noon + 1s, 400);
    for (std::size_t width = 0; width <= whole.size() + 3; ++width) {
        ProgressLine line;
        line.of(half_way(0), noon, width);
        const auto text = line.of(progress, noon + 1s, width);
        REQUIRE(text.size() <= width);
        REQUIRE(whole.starts_with(text));
        REQUIRE(
            (text.size() == whole.size() || text.empty() ||
             whole.substr(text.size()).starts_with(" · "))
        );
    }
}

}  // namespace
}  // namespace skein::report
