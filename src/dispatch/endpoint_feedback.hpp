#pragma once
#include "model/attempt.hpp"
#include "model/fault_table.hpp"
#include "model/rate_news.hpp"

#include <optional>
#include <string>

namespace skein {

// Outcome report: what one attempt says about its endpoint, for the limits to learn from.
struct EndpointFeedback {
    Verdict verdict = Verdict::neutral;
    bool is_success = false;
    bool pushed_back = false;              // Push-back: "slow down" (429, 503, 529).
    bool waited_in_vain = false;           // The answer did not begin in time.
    bool is_in_vain = false;               // The request was told to wait, or was never sent.
    bool is_sign_of_life = false;          // A server that speaks the API has answered.
    std::optional<Duration> first_byte{};  // Time to first byte.
    std::optional<Usage> usage{};          // Tokens, as reported by the server.
    std::string service_tier{};            // The tier that the answer names.
    bool was_sent = true;
    bool may_be_billed = true;
    std::optional<Duration> pause{};  // Retry-After of the endpoint.
    bool parks = false;  // The endpoint is not well before the pause is over, however short.
    RateNews news{};
    Effect effect = Effect::none;
    bool is_wrong_address = false;  // A wrong address would be answered like this.
    bool is_about_key = false;
    std::string why{};  // Short text of the fault; empty for an answer.
};

EndpointFeedback feedback_of(const AttemptResult& result);

// An attempt that was stopped because the time limit of its request was over.
struct OutOfTime {
    Duration waited;  // By the attempt.
    Duration limit;   // Of the request.
};

// The same for such an attempt. Silence is the same evidence as a timeout of the attempt's own, if
// the attempt had at least half of the time limit: a retry just before the deadline says nothing
// about its endpoint.
EndpointFeedback feedback_of(const AttemptResult& result, const OutOfTime& time);

// Effect of the fault on its endpoint, beyond the verdict. A wrong path may be answered by 404 or
// by 405, so both have the same effect.
Effect effect_of(const Fault& fault);

// Would a wrong address be answered like this (404, 405, a redirect)?
bool may_be_wrong_address(const Fault& fault);

// `throttled (HTTP 429 …)`.
std::string in_a_few_words(const Fault& fault);

}  // namespace skein
