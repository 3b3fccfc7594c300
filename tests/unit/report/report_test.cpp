#include "report/report.hpp"

#include "report/wrap.hpp"
#include "support/catch.hpp"

namespace skein::report {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

Tally usual() {
    Tally tally;
    tally.admitted = 1319;
    tally.completed = 1300;
    tally.failed = 19;
    tally.attempts = 1350;
    tally.retries = 31;
    tally.max_in_flight = 64;
    tally.input_tokens = 10'000;
    tally.output_tokens = 20'000;
    tally.attempt_p50 = 212ms;
    tally.attempt_p99 = 1500ms;
    tally.loop_stall_max = 50ms;  // The longest stall that is not reported.
    tally.elapsed = 41'800ms;
    return tally;
}

const std::string first_lines =
    "main  1 319 asked, 1 300 completed, 19 failed, 1 350 attempts (2.3 % retried), 41.8 s\n";
const std::string rates =
    "      31 requests/s, most in flight 64, 10 000 tokens in, 20 000 out (478/s)\n";

TEST_CASE("A report has the counts of requests, their outcomes and the speed.", "[app]") {
    CHECK(
        report_text("main", usual()) == first_lines + rates + "      attempt p50 212 ms p99 1.5 s\n"
    );
}

TEST_CASE("A report tells how many tokens were cached, and how many reasoning.", "[app]") {
    auto tally = usual();
    tally.cached_tokens = 4000;
    tally.reasoning_tokens = 15'000;
    CHECK_THAT(
        report_text("main", tally),
        Contains("10 000 tokens in, 4 000 of them cached, 20 000 out, 15 000 of them reasoning (")
    );
    tally.earlier = {.answers = 1, .cached_tokens = 1, .reasoning_tokens = 2};
    CHECK_THAT(
        report_text("main", tally),
        Contains("4 001 of them cached") && Contains("15 002 of them reasoning")
    );
}

TEST_CASE("A report shows rare facts only if they occurred.", "[app]") {
    auto tally = usual();
    tally.written = 2000;
    tally.resumed = 700;
    tally.failed_lines = 19;
    tally.first_token_p50 = 40ms;
    tally.first_token_p99 = 90ms;
    tally.attempt_faults[static_cast<std::size_t>(FaultKind::throttled)] = 1200;
    tally.attempt_faults[static_cast<std::size_t>(FaultKind::connect)] = 2;
    tally.usage_missing = 5;
    tally.stalled_on_oldest = 3s;
    tally.loop_stall_p99 = 2ms;
    tally.loop_stall_max = 80ms;
    CHECK(
        report_text("main", tally) ==
        first_lines + "      2 000 lines written, 700 of them from the journal, 19 hold a fault\n" +
            rates +
            "      attempt p50 212 ms p99 1.5 s, TTFT p50 40 ms p99 90 ms\n"
            "      attempts that failed: connect 2, throttled 1 200\n"
            "      5 completions came without a count of tokens\n"
            "      stalled on the oldest 3.0 s\n"
            "      an event loop stood still for up to 80 ms, p99 2 ms\n"
    );
}

TEST_CASE(
    "A report has a line for each endpoint if there are several or one had trouble.", "[app]"
) {
    auto tally = usual();
    tally.hedges = 7;
    tally.cost = 1.234;
    tally.endpoints = {
        {.name = "one", .attempts = 1200, .completed = 1190, .outages = 2},
        {.name = "two", .attempts = 150, .completed = 110, .outages = 1, .closed = "auth (401)"}};
    CHECK(
        report_text("main", tally) ==
        first_lines + rates +
            "      attempt p50 212 ms p99 1.5 s\n"
            "      one: 1 200 attempts, 1 190 completed, circuit opened 2 times\n"
            "      two: 150 attempts, 110 completed, circuit opened 1 time, closed: auth (401)\n"
            "      7 hedges: asked elsewhere, too, because an answer was late\n"
            "      cost 1.23, by the servers' bills and the prices of the endpoints\n"
    );
    tally = usual();
    tally.endpoints = {{.name = "only", .attempts = 1350, .completed = 1300}};
    CHECK(report_text("main", tally) == report_text("main", usual()));
}

TEST_CASE("A report groups failed rows and names the command that asks them again.", "[app]") {
    auto tally = usual();
    tally.failed = 16;
    tally.not_asked = 3;
    tally.rows = 1319;
    tally.finish_reasons = {{"stop", 300}, {"length", 1000}};
    tally.failures = {
        {"rejected", "HTTP 400: no \x1b[31m", 14, {"a", "b", "c"}},
        {"bad_input", "input line 3: it is empty", 3, {"line-3", "line-9", "line-11"}}};
    tally.other_failures = 2;
    const std::string failed =
        " 19 rows failed:\n"
        "        14 rejected (a, b, c …): HTTP 400: no \\u001b[31m\n"
        "        3 bad_input (line-3, line-9, line-11): input line 3: it is empty\n"
        "        2 others; the output has their reasons\n"
        "      to ask them again: skein run job.yaml --retry-failed\n";
    const auto text = report_text("main", tally, {.again = "skein run job.yaml"});
    CHECK_THAT(text, Contains("19 failed (3 of them could not be asked), 1 350 attempts"));
    CHECK_THAT(
        text,
        EndsWith(
            "      1 000 of 1 300 answers were cut off by max_tokens (finish_reason length)\n"
            "      to ask them again, after max_tokens was raised in the job: skein run job.yaml "
            "--retry finish_reason=length\n"
            "     " +
            failed
        )
    );
    CHECK_THAT(text, !Contains("300 of 1 300"));
}

TEST_CASE("A quiet report has only failures, and is empty without any.", "[app]") {
    auto tally = usual();
    CHECK(failures_text(tally).empty());
    tally.rows = 1319;
    tally.failures = {{"rejected", "HTTP 400: no", 19, {"a"}}};
    CHECK(
        failures_text(tally, {.again = "skein run j"}) ==
        "skein:  19 of 1 319 rows failed:\n"
        "          19 rejected (a …): HTTP 400: no\n"
        "        to ask them again: skein run j --retry-failed\n"
    );
    tally.failures = {{"rejected", "HTTP 400: no", 1, {"a"}}};
    CHECK_THAT(failures_text(tally), StartsWith("skein:  1 of 1 319 rows failed:\n"));
    tally.rows = 1;
    CHECK_THAT(failures_text(tally), StartsWith("skein:  1 of 1 row failed:\n"));
    tally.rows = 0;
    CHECK_THAT(failures_text(tally), StartsWith("skein:  1 row failed:\n"));
}

TEST_CASE("A report of a resumed job has the totals of all its runs.", "[app]") {
    auto tally = usual();
    tally.rows = 5000;
    tally.done = 2000;
    tally.failed_lines = 19;
    tally.cost = 1.5;
    tally.earlier = {.answers = 700, .input_tokens = 5, .output_tokens = 10, .cost = 2};
    CHECK_THAT(
        report_text("main", tally),
        Contains("      all runs: 1 981 of 5 000 rows answered, 19 failed, 10 005 tokens in, 20 "
                 "010 out, "
                 "cost 3.50\n")
    );
}

TEST_CASE("A report is wrapped at the width of the terminal.", "[app]") {
    const auto text = report_text("main", usual(), {.width = 40});
    CHECK_THAT(
        text,
        StartsWith("main  1 319 asked, 1 300 completed, 19\n"
                   "        failed, 1 350 attempts (2.3 %\n"
                   "        retried), 41.8 s\n")
    );
}

TEST_CASE("A line is wrapped at spaces, and a long word gets a line of its own.", "[app]") {
    CHECK(wrapped("one two three", 2, 8) == "one two\n  three\n");
    CHECK(wrapped("one two", 2, 7) == "one two\n");
    CHECK(wrapped("one two", 2, 6) == "one\n  two\n");
    CHECK(wrapped("  one two", 2, 5) == "  one\n  two\n");
    CHECK(wrapped("a incomprehensible b", 1, 6) == "a\n incomprehensible\n b\n");
    CHECK(wrapped("é é é", 0, 3) == "é é\né\n");
    CHECK(wrapped("one two three", 2, 0) == "one two three\n");
    CHECK(wrapped("", 2, 10) == "\n");
}

TEST_CASE("A report of an empty run divides by nothing.", "[app]") {
    CHECK(
        report_text("", Tally{}) ==
        "  0 asked, 0 completed, 0 failed, 0 attempts (0.0 % retried), 0 us\n"
        "  0.0 requests/s, most in flight 0, 0 tokens in, 0 out (0.0/s)\n"
    );
}

}  // namespace
}  // namespace skein::report
