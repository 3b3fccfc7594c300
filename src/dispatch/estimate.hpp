#pragma once
#include <skein/request.hpp>

namespace skein {

// What an attempt will cost at most, as far as is known before it is made.
struct CostEstimate {
    double input_tokens = 0;
    double output_tokens = 0;

    double tokens() const { return input_tokens + output_tokens; }
};

// What the usages of a run teach of what the next attempt will cost. Its prompt is estimated by its
// bytes, and its answer by the request's own limit: a language of many bytes, a large image,
// reasoning beside the limit and requests without a limit are seen only in what comes back.
//
//   - Input: the estimate times (counted tokens / estimated tokens) of the attempts so far.
//   - Output of a request with a limit: the limit, or more where answers turn out to pass it.
//   - Output of a request without: the mean of such answers so far.
//
// Each usage weighs 1/64 less with each that comes after it.
class Estimate {
public:
    // `usage` is what an attempt came to for which `estimated` had been expected by its request.
    void learn(const CostEstimate& estimated, const Usage& usage);

    // For rates, whose servers count what comes: the most likely.
    CostEstimate likely(const CostEstimate& estimated) const;

    // For allowances that must hold: never below what the request itself lets expect.
    CostEstimate at_most(const CostEstimate& estimated) const;

private:
    struct Sums {
        double counted = 0;
        double estimated = 0;

        void add(double more_counted, double more_estimated);
        // How many times the estimate; 1 before the first.
        double ratio() const;
    };

    double output_of(const CostEstimate& estimated) const;

    Sums input_;
    Sums limited_output_;
    Sums unlimited_output_;  // Against a number of answers.
};

}  // namespace skein
