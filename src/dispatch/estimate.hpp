#pragma once
#include <skein/request.hpp>

namespace skein {

// Token estimate of one attempt, made before it is sent.
struct CostEstimate {
    double input_tokens = 0;
    double output_tokens = 0;

    double tokens() const { return input_tokens + output_tokens; }
};

// Learns from the reported usages how far the token estimates are off, and corrects the next ones.
// A prompt is estimated by its bytes, an answer by the request's own token limit. Four things are
// visible only in the usage: a language of many bytes a token, a large image, reasoning tokens
// beside the limit, and the answer of a request without a limit.
//
//   - Input: the estimate times (counted tokens / estimated tokens) of the attempts so far.
//   - Output of a request with a limit: the limit, or more if answers exceed it on average.
//   - Output of a request without a limit: the mean of such answers so far.
//
// The sums decay exponentially (EWMA): each new usage takes 1/64 of the weight of the older ones.
class Estimate {
public:
    // `usage` is the report of an attempt; `estimated` is what its request had suggested.
    void learn(const CostEstimate& estimated, const Usage& usage);

    // The most likely tokens: for rate limits, because their servers count the tokens that come, or
    // the request's own limit of its answer.
    CostEstimate likely(const CostEstimate& estimated) const;

    // Of the likely prompt, the tokens that are not read from a cache.
    double uncached_input(const CostEstimate& estimated) const;

    // The length of the answer, whatever its limit: as long a part of it as answers had so far.
    double written_output(const CostEstimate& estimated) const;

    // A cautious bound: for the budget, which must hold. Never below the request's own estimate.
    CostEstimate at_most(const CostEstimate& estimated) const;

private:
    struct Sums {
        double counted = 0;
        double estimated = 0;

        void add(double more_counted, double more_estimated);
        // Counted divided by estimated tokens; 1 before the first usage.
        double ratio() const;
    };

    double output_of(const CostEstimate& estimated) const;

    Sums input_;
    Sums uncached_input_;
    Sums limited_output_;
    Sums unlimited_output_;  // Here `estimated` is the number of answers.
};

}  // namespace skein
