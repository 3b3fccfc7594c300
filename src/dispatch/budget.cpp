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
           cost_.allows(price.of(estimate.input_tokens, estimate.output_tokens));
}

void Budget::take(const CostEstimate& estimate, const Price& price) {
    requests_.take(1);
    tokens_.take(estimate.tokens());
    cost_.take(price.of(estimate.input_tokens, estimate.output_tokens));
}

void Budget::settle(
    const CostEstimate& estimate, const Price& price, const EndpointFeedback& feedback
) {
    // An attempt that was never sent is no request.
    if (!feedback.was_sent) requests_.correct(-1);
    if (!feedback.may_be_billed) return correct({}, estimate, price);
    // The server may have billed an attempt that it did not report, so the reservation stays.
    if (!feedback.usage) return;
    const CostEstimate came_to{
        static_cast<double>(feedback.usage->input_tokens),
        static_cast<double>(feedback.usage->output_tokens)};
    correct(came_to, estimate, price);
}

void Budget::correct(
    const CostEstimate& came_to, const CostEstimate& reserved, const Price& price
) {
    tokens_.correct(came_to.tokens() - reserved.tokens());
    cost_.correct(
        price.of(came_to.input_tokens, came_to.output_tokens) -
        price.of(reserved.input_tokens, reserved.output_tokens)
    );
}

// The same order as in `allows`. The message names the key of the job file.
std::string Budget::why_not(const CostEstimate& estimate, const Price& price) const {
    if (!requests_.allows(1)) return reached("max_requests", requests_, 1);
    if (!tokens_.allows(estimate.tokens())) {
        return reached("max_tokens", tokens_, estimate.tokens());
    }
    const auto cost = price.of(estimate.input_tokens, estimate.output_tokens);
    return cost_.allows(cost) ? "" : reached("max_cost", cost_, cost);
}

}  // namespace skein
