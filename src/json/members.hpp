// Iterates over the members of a JSON object as slices of its text, without a parse tree, so that
// the values can be copied byte for byte.
#pragma once
#include <cstddef>
#include <string_view>

namespace skein::json {

// The end of the white space, string or value that begins at `at`. `text` must be valid JSON.
std::size_t end_of_space(std::string_view text, std::size_t at);
std::size_t end_of_string(std::string_view text, std::size_t at);
std::size_t end_of_value(std::string_view text, std::size_t at);

// Calls `f(key, value)` for each member of the object in `text`, in order. `text` must be one valid
// JSON object. `key` is the text between the quotes, with escapes not decoded; `value` is the text
// as written.
template <class F>
void for_each_member(std::string_view text, F&& f) {
    auto at = end_of_space(text, end_of_space(text, 0) + 1);  // Skip the brace.
    while (at < text.size() && text[at] == '"') {
        const auto key_end = end_of_string(text, at);
        const auto key = text.substr(at + 1, key_end - at - 2);
        const auto value_at = end_of_space(text, end_of_space(text, key_end) + 1);  // The colon.
        const auto value_end = end_of_value(text, value_at);
        f(key, text.substr(value_at, value_end - value_at));
        at = end_of_space(text, value_end);
        if (at < text.size() && text[at] == ',') at = end_of_space(text, at + 1);
    }
}

}  // namespace skein::json
