// The body of a chat: `generateContent` and `streamGenerateContent`.
#pragma once
#include "dialect/gemini/refusal.hpp"
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <string>

namespace skein::google {

// Writes the chat of the request to `body`. What Gemini cannot be asked for is refused by name.
Refusal write_chat(const Endpoint& endpoint, const Prepared& request, std::string& body);

}  // namespace skein::google
