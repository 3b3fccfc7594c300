#include "dialect/members.hpp"

#include <algorithm>

namespace skein::json {

std::size_t end_of_space(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
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
