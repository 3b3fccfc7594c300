#include "dialect/request/percent.hpp"

#include "base/ascii.hpp"

namespace skein {

std::string percent_encoded(std::string_view text, std::string_view kept) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view marks = "-._~";
    std::string encoded;
    for (const char c : text) {
        const char small = lower(c);
        const bool is_plain = is_digit(c) || (small >= 'a' && small <= 'z') ||
                              marks.find(c) != marks.npos || kept.find(c) != kept.npos;
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain) {
            encoded += c;
        } else {
            encoded.append(1, '%').append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
        }
    }
    return encoded;
}

}  // namespace skein
