#include "measure/histogram.hpp"
#include "measure/loop_watch.hpp"
#include "measure/scoreboard.hpp"
#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;

TEST_CASE("A histogram's quantile is within 2 %, from nanoseconds to days.", "[measure]") {
    for (const Duration value :
         {Duration{1}, Duration{31}, Duration{1000}, Duration{20ms}, Duration{3s}, Duration{48h}}) {
        Histogram histogram;
        histogram.add(value);
        const auto found = static_cast<double>(histogram.quantile(0.5).count());
        CHECK(found == Approx(static_cast<double>(value.count())).epsilon(0.02));
    }
}

TEST_CASE("A histogram of a hundred values gives their median and 99th percentile.", "[measure]") {
    Histogram histogram;
    for (int i = 1; i <= 100; ++i) histogram.add(std::chrono::milliseconds{i});
    CHECK(
        std::chrono::duration<double>(histogram.quantile(0.5)).count() ==
        Approx(0.050).epsilon(0.02)
    );
    CHECK(
        std::chrono::duration<double>(histogram.quantile(0.99)).count() ==
        Approx(0.099).epsilon(0.02)
    );
    CHECK(histogram.quantile(1) >= histogram.quantile(0.99));
    CHECK(histogram.count() == 100);
}

TEST_CASE("A histogram accepts no values, negative values and huge values.", "[measure]") {
    Histogram histogram;
    CHECK(histogram.quantile(0.5) == 0s);
    histogram.add(Duration{-5});
    histogram.add(Duration::max());
    CHECK(histogram.quantile(0) == 0s);
    CHECK(histogram.quantile(1) > 24h * 365 * 200);
}

TEST_CASE("A loop watch reports the longest turn, and quantiles of all turns.", "[measure]") {
    LoopWatch watch;
    CHECK(watch.max() == 0s);
    for (int i = 0; i < 199; ++i) watch.add(1ms);
    watch.add(80ms);
    CHECK(watch.max() == 80ms);
    CHECK(watch.quantile(0.99) < 2ms);
    { const LoopWatch::Turn begun_a_second_ago{&watch, Clock::now() - 1s}; }
    CHECK(watch.max() >= 1s);
    { const LoopWatch::Turn of_nobody{nullptr, Clock::now()}; }
}

TEST_CASE("The scoreboard keeps the counts that the tally's invariant needs.", "[measure]") {
    Scoreboard board{2};
    board.admitted();
    board.started(1, 0);
    board.ended({Fault{.kind = FaultKind::connect}, {}, false}, 0);
    board.started(2, 1);
    CHECK(board.in_flight() == 1);
    Completion completion;
    completion.usage = Usage{7, 11};
    const TimePoint noon{12h};
    board.ended({completion, {noon, noon + 1ms, noon + 2ms, noon + 5ms}, true}, 1);
    board.delivered(completion);

    const auto tally = board.snapshot();
    CHECK(tally.is_consistent());
    CHECK(tally.attempts == 2);
    CHECK(tally.never_sent == 1);
    CHECK(tally.retries == 1);
    CHECK(tally.attempt_fault(FaultKind::connect) == 1);
    CHECK(tally.request_fault(FaultKind::connect) == 0);
    CHECK(tally.input_tokens == 7);
    CHECK(tally.output_tokens == 11);
    CHECK(tally.usage_missing == 0);
    CHECK(tally.max_in_flight == 1);
    CHECK(tally.first_token_p50 > 1900us);
    CHECK(tally.first_token_p50 < 2100us);
}

}  // namespace
}  // namespace skein
