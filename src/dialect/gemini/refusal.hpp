// What Gemini cannot be asked for.
#pragma once
#include "json/text.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::google {

// The reason, in words that follow `endpoint main: `. Nothing: it can be asked.
using Refusal = std::optional<std::string>;

// Refuses a member of the request by its name; `value`: only this value of it.
inline std::string cannot_be_asked_for(std::string_view name, std::string_view value = {}) {
    auto words = "gemini cannot be asked for `" + json::printable(name, 80) + '`';
    if (!value.empty()) words += " `" + json::printable(value, 80) + '`';
    return words + "; take it out, or list it in drop";
}

}  // namespace skein::google
