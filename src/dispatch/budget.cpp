// Three budgets of a run that move together: an attempt is sent only if all three allow it.
#include "dispatch/budget.hpp"

#include <array>
#include <cstdio>

namespace skein {
namespace {

// Ten significant digits at most, without trailing zeros: `25`, `0.5`, `1500000`.
std::string number(double value) {
    std::array<char, 40> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.10g", value);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string reached(const char* name, const Allowance& allowance, double more) {
    return std::string{"limits."} + name + " is " + number(allowance.max()) + ", " +
           number(allowance.used()) + " are used, and the next attempt may take " + number(more);
}

}  // namespace

bool Budget::allows(const CostEstimate& estimate, const Price& price) const {
    return requests_.allows(1) && tokens_.allows(estimate.tokens()) &&
           cost_.allows(reserved_cost(price, estimate));
}

void Budget::take(const CostEstimate& estimate, const Price& price) {
    requests_.take(1);
    tokens_.take(estimate.tokens());
    cost_.take(reserved_cost(price, estimate));
}

void Budget::settle(
    const CostEstimate& estimate, const Price& price, const EndpointFeedback& feedback
) {
    // An attempt that was never sent is no request.
    if (!feedback.was_sent) requests_.correct(-1);
    // The server may have billed an attempt that it did not report, so the reservation stays.
    if (feedback.may_be_billed && !feedback.usage) return;
    double tokens = 0;
    double cost = 0;
    if (feedback.may_be_billed) {
        const auto& usage = *feedback.usage;
        tokens = static_cast<double>(usage.input_tokens) + static_cast<double>(usage.output_tokens);
        cost = cost_of(price, usage, feedback.service_tier).value_or(0);
    }
    tokens_.correct(tokens - estimate.tokens());
    cost_.correct(cost - reserved_cost(price, estimate));
}

// The same order as in `allows`. The message names the key of the job file.
std::string Budget::why_not(const CostEstimate& estimate, const Price& price) const {
    if (!requests_.allows(1)) return reached("max_requests", requests_, 1);
    if (!tokens_.allows(estimate.tokens())) {
        return reached("max_tokens", tokens_, estimate.tokens());
    }
    const auto cost = reserved_cost(price, estimate);
    return cost_.allows(cost) ? "" : reached("max_cost", cost_, cost);
}

}  // namespace skein
