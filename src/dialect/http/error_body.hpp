// Parser for error bodies, in all the JSON shapes that servers use.
#pragma once
#include "json/json.hpp"
#include "model/headers.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein {

struct ErrorBody {
    std::string code{};     // `rate_limit_exceeded`; a number as its digits.
    std::string type{};     // `rate_limit_error`, or Google's `RESOURCE_EXHAUSTED`.
    std::string message{};  // Human-readable text.
    std::string reason{};   // More exact than the rest: Google's `API_KEY_INVALID`.
    std::string delay{};    // Google's `retryDelay`.
    bool per_day = false;   // A daily quota, by the quota's name at Google.
    int status = 0;         // HTTP status for a vendor's own number: MiniMax's 1008 is a 402.
    Headers headers{};      // Rate headers and Retry-After repeated in the body (OpenRouter).
};

// The error in an answer of any status. Nothing if the answer does not declare an error: a good
// answer may hold `"error":null`, or MiniMax's `base_resp` with the code 0.
std::optional<ErrorBody> error_in(json::Element root);

// The error of one choice: `choices[0].error`, by which OpenRouter reports an upstream error.
std::optional<ErrorBody> error_in_choice(json::Element choice);

// The error in a successful answer that is known to hold no choices or data. Recognises shapes that
// only an error has: FastAPI's `detail`, or a `message` or `msg`.
std::optional<ErrorBody> error_in_place_of_answer(json::Element root);

// The error in an answer with an error status. A body that is not JSON, or of no known shape,
// becomes the message.
ErrorBody read_error_body(std::string_view text);

}  // namespace skein
