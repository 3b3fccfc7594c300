// From the header to the pause: the vectors that two vendors test their own clients with, under our
// rule that a pause is kept to however long, up to `max_retry_after`.
#include "dialect/http/error_answer.hpp"
#include "dispatch/desk.hpp"
#include "dispatch/retry.hpp"
#include "support/catch.hpp"

using namespace skein;
using namespace std::chrono_literals;

namespace {

const WallTime now{1696004797s};  // Fri, 29 Sep 2023 16:26:37 GMT
using Lines = std::vector<std::pair<std::string, std::string>>;

// The pause before the next try after so many, for a request that is one of many, where there is
// one endpoint: its own, or that of the endpoint, whichever is longer. Nothing if it is not waited
// for.
std::optional<Duration> pause(const Lines& lines, int sent, Sequence seq, int status = 500) {
    const TimePoint noon{12h};
    Headers headers;
    for (const auto& [name, value] : lines) headers.add(name, value);
    const auto fault = fault_of_answer(status, headers, "", now, {});
    Desk desk{{{.name = "only", .seed = seq}}, {}};
    desk.line_up({.seq = seq});
    desk.settle(*desk.next(noon), feedback_of({.outcome = fault, .trail = {}}), noon);
    Tries tries{.sent = sent};
    const auto next = next_try({fault}, tries, {.attempts = 2000, .seed = 1}, seq);
    if (!next || desk.unusable(noon)) return std::nullopt;
    return std::max(next->pause, desk.opens_at(noon) - noon);
}

struct Range {
    Duration min = Duration::max();
    Duration max{};
};

// Shortest and longest pause of 2,000 requests, each with its own jitter.
Range pauses(const Lines& lines, int sent = 1) {
    Range range;
    for (Sequence seq = 0; seq < 2000; ++seq) {
        const auto found = pause(lines, sent, seq);
        REQUIRE(found);
        range.min = std::min(range.min, *found);
        range.max = std::max(range.max, *found);
    }
    return range;
}

void check_asked_for(const Lines& lines, Duration expected) {
    const auto [min, max] = pauses(lines);
    CHECK(min >= expected);
    CHECK(min < expected + expected / 100);
    CHECK(max <= expected + expected / 10);
}

// Nothing was asked for that makes sense: anywhere up to the ceiling.
void check_own(const Lines& lines, Duration ceiling, int sent = 1) {
    const auto [min, max] = pauses(lines, sent);
    CHECK(min < ceiling / 100);
    CHECK(max <= ceiling);
    CHECK(max > ceiling - ceiling / 100);
}

Lines after(std::string value) { return {{"retry-after", std::move(value)}}; }

}  // namespace

TEST_CASE("A valid Retry-After in seconds or as a date is kept.", "[retry]") {
    check_asked_for(after("20"), 20s);
    check_asked_for(after("60"), 60s);
    check_asked_for(after("120"), 120s);
    check_asked_for(after("121"), 121s);
    check_asked_for(after("Fri, 29 Sep 2023 16:26:57 GMT"), 20s);
    check_asked_for({{"retry-after-ms", "1500"}, {"retry-after", "20"}}, 1500ms);
}

TEST_CASE("An invalid Retry-After is replaced by our own backoff.", "[retry]") {
    for (const std::string value :
         {"0",
          "-10",
          "",
          "nan",
          "inf",
          "9e34",
          "99999999999999999999999999999999999",
          "soon",
          "Zun, 29 Sep 2023 16:26:27 GMT",
          "Fri, 29 Sep 100000 16:26:27 GMT",
          "Fri, 29 Sep 2023 16:26:37 GMT",
          "Fri, 29 Sep 2023 16:26:27 GMT"}) {
        INFO(value);
        check_own(after(value), 500ms);
    }
    check_own({{"retry-after-ms", "invalid"}}, 500ms);
    check_own({{"retry-after-ms", "-100"}}, 500ms);
    check_own({{"retry-after-ms", "0"}}, 500ms);
}

TEST_CASE("Our own backoff doubles up to its maximum and never overflows.", "[retry]") {
    check_own({}, 500ms, 1);
    check_own({}, 1s, 2);
    check_own({}, 2s, 3);
    check_own({}, 8s, 5);
    check_own({}, 8s, 1100);
}

TEST_CASE("A Retry-After above the maximum is not waited for.", "[retry]") {
    CHECK(pause(after("800"), 1, 1, 429));  // With its jitter.
    CHECK_FALSE(pause(after("901"), 1, 1, 429));
    CHECK_FALSE(pause(after("86400"), 1, 1, 429));
    CHECK_FALSE(pause(after("Sat, 30 Sep 2023 16:26:37 GMT"), 1, 1, 429));
}
