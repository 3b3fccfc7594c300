#include "json/members.hpp"

#include <algorithm>

namespace skein::json {

std::size_t end_of_space(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// Searches from quote to quote, because `find` is vectorized. A quote ends the string if the number
// of backslashes before it is even.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    const auto begin = at + 1;
    while ((at = text.find('"', at + 1)) != text.npos) {
        auto escapes = at;
        while (escapes > begin && text[escapes - 1] == '\\') --escapes;
        if ((at - escapes) % 2 == 0) return at + 1;
    }
    return text.size();
}

std::size_t end_of_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
            if (depth == 0) return at;
            continue;
        }
        const bool closes = c == '}' || c == ']';
        if (depth == 0 && (closes || c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
            return at;
        }
        ++at;
        if (c == '{' || c == '[') ++depth;
        if (closes && --depth == 0) return at;
    }
    return at;
}

}  // namespace skein::json
