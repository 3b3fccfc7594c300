// Whole numbers of more than 64 bits, which the parser refuses, become doubles.
#include "schema/schema.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace skein::schema {
namespace {

constexpr std::size_t always_fits = 18;  // Digits.

// `digits` without the sign.
bool is_readable(std::string_view digits, bool is_negative) {
    if (digits.size() <= always_fits) return true;
    const auto* end = digits.data() + digits.size();
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), end, number);
    constexpr auto lowest = std::uint64_t{1} << 63;
    return read.ec == std::errc{} && read.ptr == end && (!is_negative || number <= lowest);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The end of the string that begins at `at`; the end of the text if it has none.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
}

}  // namespace

std::string_view with_readable_numbers(std::string_view text, std::string& storage) {
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            at = end_of_quoted(text, at);
            continue;
        }
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        const auto begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        const bool is_whole =
            at == text.size() || (text[at] != '.' && text[at] != 'e' && text[at] != 'E');
        const char before = begin == 0 ? ' ' : text[begin - 1];
        const bool is_part = before == '.' || before == 'e' || before == 'E' || before == '+';
        if (!is_whole || is_part) continue;
        if (is_readable(text.substr(begin, at - begin), before == '-')) continue;
        if (copied == 0) storage.clear();
        storage.append(text.substr(copied, at - copied)).append("e0");
        copied = at;
    }
    if (copied == 0) return text;
    storage.append(text.substr(copied));
    return storage;
}

}  // namespace skein::schema
