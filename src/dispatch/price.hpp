// What tokens cost: one formula for the budget, the replies and the estimates.
#pragma once
#include "dispatch/estimate.hpp"

#include <skein/settings.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace skein {

// The prices of an endpoint, of a million tokens, in the currency of the run's budget.
struct Price {
    Prices usual{};
    std::vector<PriceRule> rules{};  // The last rule that holds replaces `usual`.

    // The prices of a request with this prompt and of this tier.
    const Prices& of(std::int64_t input_tokens, std::string_view service_tier = {}) const;

    // Is nothing known but that the tokens are counted?
    bool is_unknown() const;
};

// Cost of these tokens. Each token is counted once: a part of the prompt or of the answer with its
// own price costs that, all others the price of their whole. Counts out of their bounds cost as if
// they were at the bound.
double cost_of(const Prices& prices, const Usage& usage);

// Cost of an answer; nothing if the prices are not known. The server's own bill wins.
std::optional<double> cost_of(
    const Price& price, const Usage& usage, std::string_view service_tier
);

// Cost that is reserved before an attempt. Nothing is known of caches then, so that all of the
// prompt costs the input price, and all of the answer the output price.
double reserved_cost(const Price& price, const CostEstimate& estimate);

}  // namespace skein
