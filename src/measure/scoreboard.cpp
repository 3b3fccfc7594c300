#include "measure/scoreboard.hpp"

#include <algorithm>

namespace skein {
namespace {

std::size_t index_of(FaultKind kind) { return static_cast<std::size_t>(kind); }

// A server may report a negative number; the sums are unsigned and would wrap.
std::uint64_t not_below_zero(std::int64_t tokens) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(tokens, 0));
}

}  // namespace

void Scoreboard::started(int number, EndpointIndex endpoint, bool is_hedge) {
    ++tally_.endpoints[endpoint].attempts;
    ++tally_.attempts;
    // A hedge is not a retry, although its number is above 1.
    if (is_hedge) {
        ++tally_.hedges;
    } else if (number > 1) {
        ++tally_.retries;
    }
    ++tally_.in_flight;
    tally_.max_in_flight = std::max(tally_.max_in_flight, tally_.in_flight);
}

// Called for every attempt, so that `in_flight` falls whatever the result is.
void Scoreboard::ended(const AttemptResult& result, EndpointIndex endpoint) {
    --tally_.in_flight;
    if (!result.sent) ++tally_.never_sent;
    if (const auto* fault = std::get_if<Fault>(&result.outcome)) {
        ++tally_.attempt_faults[index_of(fault->kind)];
        if (result.unfit) count(result.unfit->usage);
        return;
    }
    ++tally_.endpoints[endpoint].completed;
    // Only completions count in the histograms; a fault has returned above.
    const auto& trail = result.trail;
    if (trail.first_chunk != never) first_token_.add(trail.first_chunk - trail.started);
    if (trail.last_byte != never) attempt_.add(trail.last_byte - trail.started);
    count(std::get<Completion>(result.outcome).usage);
}

void Scoreboard::count(const std::optional<Usage>& usage) {
    if (usage) {
        tally_.input_tokens += not_below_zero(usage->input_tokens);
        tally_.output_tokens += not_below_zero(usage->output_tokens);
        tally_.cached_tokens += not_below_zero(usage->cached_tokens);
        tally_.reasoning_tokens += not_below_zero(usage->reasoning_tokens);
    } else {
        // Tells how many answers the sums of tokens leave out.
        ++tally_.usage_missing;
    }
}

void Scoreboard::delivered(const Outcome& outcome) {
    if (const auto* fault = std::get_if<Fault>(&outcome)) {
        ++tally_.failed;
        ++tally_.request_faults[index_of(fault->kind)];
    } else {
        ++tally_.completed;
    }
}

// Quantiles are computed here and not at each event, because one walks over all buckets.
Tally Scoreboard::snapshot() const {
    auto tally = tally_;
    tally.first_token_p50 = first_token_.quantile(0.50);
    tally.first_token_p99 = first_token_.quantile(0.99);
    tally.attempt_p50 = attempt_.quantile(0.50);
    tally.attempt_p99 = attempt_.quantile(0.99);
    return tally;
}

}  // namespace skein
