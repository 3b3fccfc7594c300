// The content of a message to Anthropic: a text, or a list of blocks.
#pragma once
#include "mock_server/members.hpp"

#include <string>
#include <vector>

namespace skein::mock::anthropic {

// What a message says. A result of a tool speaks for itself, because OpenAI has a message for it.
struct Said {
    std::string text{};
    std::vector<std::string> results{};
    bool has_blocks = false;  // Others than results.
};

// `where` is the place within the body, as Anthropic tells it: `messages.0.content`.
Refused read_content(
    const Json& content, const std::string& where, std::string_view role, Said& said
);

// The refusal of the first member that is not known at this place.
Refused only(const Json& object, std::string_view known, const std::string& where = {});

}  // namespace skein::mock::anthropic
