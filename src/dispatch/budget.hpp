#pragma once
#include "dispatch/endpoint_feedback.hpp"
#include "dispatch/estimate.hpp"
#include "limit/allowance.hpp"

#include <optional>
#include <string>

namespace skein {

// What a run may cost in all; 0: no such limit.
struct BudgetSettings {
    double requests = 0;  // Attempts that left.
    double tokens = 0;
    double cost = 0;  // In the currency of the prices.
};

// What a million tokens cost.
struct Price {
    double input = 0;
    double output = 0;

    double of(double input_tokens, double output_tokens) const {
        return (input * input_tokens + output * output_tokens) / 1e6;
    }
};

// The three allowances of a run. What is reserved is kept where nobody says what it came to, for
// it may have been billed; and given back where it provably came to nothing.
class Budget {
public:
    explicit Budget(const BudgetSettings& settings)
        : requests_{settings.requests}, tokens_{settings.tokens}, cost_{settings.cost} {}

    bool allows(const CostEstimate& estimate, const Price& price) const;
    void take(const CostEstimate& estimate, const Price& price);
    void settle(const CostEstimate& estimate, const Price& price, const EndpointFeedback& feedback);

    // Which of them does not allow it, in words; empty if all do.
    std::string why_not(const CostEstimate& estimate, const Price& price) const;

private:
    void correct(const CostEstimate& came_to, const CostEstimate& reserved, const Price& price);

    Allowance requests_;
    Allowance tokens_;
    Allowance cost_;
};

}  // namespace skein
