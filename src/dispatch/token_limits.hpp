#pragma once
#include "limit/learned_limit.hpp"
#include "limit/token_bucket.hpp"

#include <skein/request.hpp>
#include <skein/time.hpp>

#include <optional>
#include <string_view>

namespace skein {

// The tokens that an attempt is expected to take from the limits of its endpoint.
struct TokenCost {
    double all = 0;     // For limits of all tokens, whose servers count the answer's own limit.
    double input = 0;   // For limits of prompts, without the tokens that they do not count.
    double output = 0;  // For limits of answers, whose servers count what is written.
};

// Limits of tokens of one endpoint: of all tokens, of prompts and of answers. Each is a rate from
// the settings and one learned from the server. An attempt takes from every one of them.
//
// Control thread only; `now` is always given.
class TokenLimits {
public:
    // Tokens a minute; 0: no limit.
    struct Rates {
        double all = 0;
        double input = 0;
        double output = 0;
        bool counts_cached = true;  // `input` counts what is read from a cache as well.
    };

    struct Marks {
        LearnedLimit::Mark all{};
        LearnedLimit::Mark input{};
        LearnedLimit::Mark output{};
    };

    // `empty_at`: time at which the rates of the settings were used up. Nothing: they are unused.
    TokenLimits(const Rates& rates, std::optional<TimePoint> empty_at);

    TimePoint ready_at(TimePoint now, const TokenCost& cost) const;
    // Precondition: `ready_at(now, cost) <= now`.
    Marks take(TimePoint now, const TokenCost& cost);

    // Replaces the charge on the rates of the settings by the tokens that were used.
    void settle(TimePoint now, const TokenCost& cost, const Usage& usage);
    void learn(TimePoint now, const RateNews& news, const Marks& marks);

    // Time until which the server has nothing left.
    TimePoint rests_until(TimePoint now) const;

    // The rate of the settings that is used up for the longest time.
    struct Bound {
        std::string_view name;  // As in a job file.
        TimePoint until;
    };
    Bound bound(TimePoint now) const;

private:
    TokenBucket all_;
    TokenBucket input_;
    TokenBucket output_;
    LearnedLimit learned_;
    LearnedLimit learned_input_;
    LearnedLimit learned_output_;
    bool counts_cached_;
};

// The tokens of the prompt that limits of prompts count.
double counted_input(const Usage& usage, bool counts_cached);

}  // namespace skein
