// Translates a whole answer of the Responses API.
#pragma once
#include "json/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::response {

// The answer in the common form; an error, if the Response failed. Nothing if it is no Response, or
// one that is not finished.
std::optional<std::string> common_answer(json::Element root);

// The same for a Response that ended with this status, whatever it says itself.
std::optional<std::string> common_answer(json::Element response, std::string_view status);

// Why the answer ended, in the server's words: the status, or the reason why it is incomplete.
std::string_view native_reason(json::Element response, std::string_view status);

// The members of a choice that say so.
void add_reason(
    std::string& choice, json::Element response, std::string_view status, bool has_calls
);

// The error of a Response that failed or was cancelled, in the common form.
std::optional<std::string> error_of(json::Element response, std::string_view status);

}  // namespace skein::response
