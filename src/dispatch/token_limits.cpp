#include "dispatch/token_limits.hpp"

#include <algorithm>

namespace skein {

double counted_input(const Usage& usage, bool counts_cached) {
    const auto uncounted = counts_cached ? 0 : usage.cached_tokens;
    // Some servers report more cached tokens than the prompt has.
    return std::max(0.0, static_cast<double>(usage.input_tokens) - static_cast<double>(uncounted));
}

TokenLimits::TokenLimits(const Rates& rates, std::optional<TimePoint> empty_at)
    : all_{TokenBucket::per_minute(rates.all, empty_at)},
      input_{TokenBucket::per_minute(rates.input, empty_at)},
      output_{TokenBucket::per_minute(rates.output, empty_at)},
      counts_cached_{rates.counts_cached} {}

TimePoint TokenLimits::ready_at(TimePoint now, const TokenCost& cost) const {
    return std::max(
        {all_.ready_at(now, cost.all),
         input_.ready_at(now, cost.input),
         output_.ready_at(now, cost.output),
         learned_.ready_at(now, cost.all),
         learned_input_.ready_at(now, cost.input),
         learned_output_.ready_at(now, cost.output)}
    );
}

TokenLimits::Marks TokenLimits::take(TimePoint now, const TokenCost& cost) {
    all_.take(now, cost.all);
    input_.take(now, cost.input);
    output_.take(now, cost.output);
    return {
        learned_.take(now, cost.all),
        learned_input_.take(now, cost.input),
        learned_output_.take(now, cost.output)};
}

void TokenLimits::settle(TimePoint now, const TokenCost& cost, const Usage& usage) {
    const auto output = static_cast<double>(usage.output_tokens);
    const auto all = static_cast<double>(usage.input_tokens) + output;
    all_.correct(now, all - all_.charge_for(cost.all));
    input_.correct(now, counted_input(usage, counts_cached_) - input_.charge_for(cost.input));
    output_.correct(now, output - output_.charge_for(cost.output));
}

void TokenLimits::learn(TimePoint now, const RateNews& news, const Marks& marks) {
    learned_.learn(now, news.tokens, marks.all);
    learned_input_.learn(now, news.input_tokens, marks.input);
    learned_output_.learn(now, news.output_tokens, marks.output);
}

TimePoint TokenLimits::rests_until(TimePoint now) const {
    return std::max(
        {learned_.ready_at(now), learned_input_.ready_at(now), learned_output_.ready_at(now)}
    );
}

TokenLimits::Bound TokenLimits::bound(TimePoint now) const {
    return std::max(
        {Bound{"tpm", all_.ready_at(now)},
         Bound{"input_tpm", input_.ready_at(now)},
         Bound{"output_tpm", output_.ready_at(now)}},
        [](const Bound& a, const Bound& b) { return a.until < b.until; }
    );
}

}  // namespace skein
