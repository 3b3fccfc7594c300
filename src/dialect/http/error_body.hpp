// What the body of an error says, in any of the shapes that servers have for it.
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
    std::string message{};  // For people.
    std::string reason{};   // Google's, more exact than its status: `API_KEY_INVALID`.
    std::string delay{};    // Google's `retryDelay`.
    bool per_day = false;   // A quota that comes back tomorrow, by Google's name for it.
    int status = 0;         // What the maker's own number stands for: MiniMax's 1008 is a 402.
    Headers headers{};      // Rate headers that the body repeats, as OpenRouter's does.
};

// The error that an answer turns out to be. Nothing if it does not say that it is one: an answer
// that went well may hold `"error":null`, or MiniMax's `base_resp` with the code 0.
std::optional<ErrorBody> error_in(json::Element root);

// The same of one choice: `choices[0].error`, as OpenRouter reports what the server behind it said.
std::optional<ErrorBody> error_in_choice(json::Element choice);

// The words that stand where the answer should be, in the shapes that only an error has: FastAPI's
// `detail`, or a `message` or `msg`. For a success whose body is known to hold no answer.
std::optional<ErrorBody> error_in_place_of_answer(json::Element root);

// The body of an answer whose status already says that it is an error; what it is not JSON, or no
// known shape, is all message.
ErrorBody read_error_body(std::string_view text);

}  // namespace skein
