#pragma once
#include "model/attempt.hpp"
#include "model/fault_table.hpp"
#include "model/rate_news.hpp"

#include <optional>
#include <string>

namespace skein {

// What an attempt taught of the endpoint that served it.
struct EndpointFeedback {
    Verdict verdict = Verdict::neutral;
    bool is_success = false;
    bool pushed_back = false;              // It said: slower (429, 503, 529).
    bool waited_in_vain = false;           // The answer did not begin in time.
    bool is_in_vain = false;               // The request was told to wait, or never left.
    bool is_sign_of_life = false;          // A server is there that speaks the API.
    std::optional<Duration> first_byte{};  // How long it took to begin.
    std::optional<Usage> usage{};          // Tokens it did cost, where the server said so.
    bool was_sent = true;
    bool may_be_billed = true;
    std::optional<Duration> pause{};  // Asked for by the endpoint.
    bool parks = false;  // It is not well before that pause is over, however short it is.
    RateNews news{};
    Effect effect = Effect::none;
    bool is_wrong_address = false;  // So would a wrong address be answered.
    bool is_about_key = false;
    std::string why{};  // In a few words, if it was a fault.
};

EndpointFeedback feedback_of(const AttemptResult& result);

// What the fault means for its endpoint, beyond the verdict. A wrong path is answered by 404 or by
// 405, as the server likes.
Effect effect_of(const Fault& fault);

// Would a wrong address be answered like this (404, 405, a redirect)?
bool may_be_wrong_address(const Fault& fault);

// `throttled (HTTP 429 …)`.
std::string in_a_few_words(const Fault& fault);

}  // namespace skein
