#include "dispatch/estimate.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr double fading = 63.0 / 64;
constexpr double widest = 64;  // A ratio beyond 64 comes from a wrong token count.

}  // namespace

void Estimate::Sums::add(double more_counted, double more_estimated) {
    counted = counted * fading + more_counted;
    estimated = estimated * fading + more_estimated;
}

double Estimate::Sums::ratio() const {
    return estimated > 0 ? std::clamp(counted / estimated, 1 / widest, widest) : 1;
}

void Estimate::learn(const CostEstimate& estimated, const Usage& usage) {
    const auto input = static_cast<double>(usage.input_tokens);
    const auto output = static_cast<double>(usage.output_tokens);
    if (input > 0 && estimated.input_tokens > 0) {
        const auto cached = static_cast<double>(usage.cached_tokens);
        input_.add(input, estimated.input_tokens);
        uncached_input_.add(std::max(0.0, input - cached), estimated.input_tokens);
    }
    if (estimated.output_tokens > 0) {
        limited_output_.add(output, estimated.output_tokens);
    } else {
        unlimited_output_.add(output, 1);
    }
}

double Estimate::output_of(const CostEstimate& estimated) const {
    if (estimated.output_tokens > 0) {
        return estimated.output_tokens * std::max(1.0, limited_output_.ratio());
    }
    const auto& sums = unlimited_output_;
    return sums.estimated > 0 ? sums.counted / sums.estimated : 0;
}

CostEstimate Estimate::likely(const CostEstimate& estimated) const {
    return {estimated.input_tokens * input_.ratio(), output_of(estimated)};
}

double Estimate::uncached_input(const CostEstimate& estimated) const {
    return estimated.input_tokens * uncached_input_.ratio();
}

double Estimate::written_output(const CostEstimate& estimated) const {
    if (estimated.output_tokens <= 0) return output_of(estimated);
    return estimated.output_tokens * limited_output_.ratio();
}

CostEstimate Estimate::at_most(const CostEstimate& estimated) const {
    return {estimated.input_tokens * std::max(1.0, input_.ratio()), output_of(estimated)};
}

}  // namespace skein
