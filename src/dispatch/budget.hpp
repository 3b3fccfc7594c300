#pragma once
#include "dispatch/endpoint_feedback.hpp"
#include "dispatch/estimate.hpp"
#include "dispatch/price.hpp"
#include "limit/allowance.hpp"

#include <optional>
#include <string>

namespace skein {

// Upper limits of a whole run; 0: no limit.
struct BudgetSettings {
    double requests = 0;  // Attempts that were sent.
    double tokens = 0;
    double cost = 0;  // In the currency of the prices.
};

// The budget of a run: requests, tokens and cost. An attempt reserves its estimate before it is
// sent. `settle` corrects the reservation to the usage that the server reports. Without a report
// the reservation is kept, because the attempt may have been billed; it is returned when the
// attempt provably cost nothing.
class Budget {
public:
    explicit Budget(const BudgetSettings& settings)
        : requests_{settings.requests}, tokens_{settings.tokens}, cost_{settings.cost} {}

    bool allows(const CostEstimate& estimate, const Price& price) const;
    void take(const CostEstimate& estimate, const Price& price);
    void settle(const CostEstimate& estimate, const Price& price, const EndpointFeedback& feedback);

    // The exhausted limit as a sentence for an operator; empty if all three limits allow it.
    std::string why_not(const CostEstimate& estimate, const Price& price) const;

private:
    Allowance requests_;
    Allowance tokens_;
    Allowance cost_;
};

}  // namespace skein
