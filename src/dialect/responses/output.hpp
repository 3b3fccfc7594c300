// What the items of a Response say.
#pragma once
#include "json/json.hpp"

#include <string>

namespace skein::response {

struct Said {
    std::string text{};  // The answer: what is no commentary.
    std::string refusal{};
    std::string reasoning{};
    std::string summary{};   // Of the reasoning, where the reasoning itself is kept secret.
    std::string calls{};     // The elements of `tool_calls`, with commas.
    std::string logprobs{};  // Of the text; elements with commas.
};

// Items and parts of unknown kinds are read over.
Said said_in(simdjson::dom::array output);

// Calls `see` with each part of a message, in their order. A message whose content is a text has
// none.
template <class See>
void for_each_part(json::Element message, See&& see) {
    const auto parts = json::list_member(message, "content");
    if (!parts) return;
    for (const auto part : *parts) see(part);
}

}  // namespace skein::response
