#include "dispatch/price.hpp"

#include <algorithm>
#include <cstdint>

namespace skein {
namespace {

bool has_any(const Prices& prices) {
    return prices.input > 0 || prices.output > 0 || prices.cached.value_or(0) > 0 ||
           prices.cache_write.value_or(0) > 0 || prices.cache_write_1h.value_or(0) > 0 ||
           prices.reasoning.value_or(0) > 0;
}

double tokens(std::int64_t count, std::int64_t most) {
    return static_cast<double>(std::clamp<std::int64_t>(count, 0, std::max<std::int64_t>(most, 0)));
}

}  // namespace

const Prices& Price::of(std::int64_t input_tokens, std::string_view service_tier) const {
    const auto holds = [&](const PriceRule& rule) {
        return (rule.service_tier.empty() || rule.service_tier == service_tier) &&
               (rule.above_input_tokens < 0 || input_tokens > rule.above_input_tokens);
    };
    const auto found = std::find_if(rules.rbegin(), rules.rend(), holds);
    return found == rules.rend() ? usual : found->prices;
}

bool Price::is_unknown() const {
    return !has_any(usual) &&
           std::ranges::none_of(rules, [](const auto& rule) { return has_any(rule.prices); });
}

double cost_of(const Prices& prices, const Usage& usage) {
    const auto cached = tokens(usage.cached_tokens, usage.input_tokens);
    const auto input = tokens(usage.input_tokens, usage.input_tokens);
    const auto output = tokens(usage.output_tokens, usage.output_tokens);
    const auto written =
        std::min(tokens(usage.cache_write_tokens, usage.input_tokens), input - cached);
    const auto written_1h =
        std::min(tokens(usage.cache_write_1h_tokens, usage.input_tokens), written);
    const auto reasoning = tokens(usage.reasoning_tokens, usage.output_tokens);
    const auto write_price = prices.cache_write.value_or(prices.input);
    return ((input - cached - written) * prices.input +
            cached * prices.cached.value_or(prices.input) + (written - written_1h) * write_price +
            written_1h * prices.cache_write_1h.value_or(write_price) +
            (output - reasoning) * prices.output +
            reasoning * prices.reasoning.value_or(prices.output)) /
           1e6;
}

std::optional<double> cost_of(
    const Price& price, const Usage& usage, std::string_view service_tier
) {
    // False for NaN, which a model in this process may give.
    if (usage.cost && *usage.cost >= 0) return usage.cost;
    if (price.is_unknown()) return std::nullopt;
    return cost_of(price.of(usage.input_tokens, service_tier), usage);
}

double reserved_cost(const Price& price, const CostEstimate& estimate) {
    // More tokens than any prompt has, so that the number fits.
    constexpr double most = 1e15;
    const auto input = static_cast<std::int64_t>(std::clamp(estimate.input_tokens, 0.0, most));
    const auto& prices = price.of(input);
    return (prices.input * estimate.input_tokens + prices.output * estimate.output_tokens) / 1e6;
}

}  // namespace skein
