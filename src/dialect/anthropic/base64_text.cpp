#include "dialect/anthropic/base64_text.hpp"

#include <simdjson.h>

namespace skein {
namespace {

// The six bits of a letter; -1 if it is none.
int bits_of(char letter) {
    if (letter >= 'A' && letter <= 'Z') return letter - 'A';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9') return letter - '0' + 52;
    if (letter == '+') return 62;
    return letter == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string> text_of_base64(std::string_view base64) {
    for (int i = 0; i < 2 && base64.ends_with('='); ++i) base64.remove_suffix(1);
    if (base64.size() % 4 == 1) return std::nullopt;
    std::string text;
    text.reserve(base64.size() / 4 * 3 + 2);
    unsigned held = 0;
    int count = 0;  // Of the bits held.
    for (const char letter : base64) {
        const int bits = bits_of(letter);
        if (bits < 0) return std::nullopt;
        held = ((held << 6U) | static_cast<unsigned>(bits)) & 0xFFFFU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        text += static_cast<char>((held >> static_cast<unsigned>(count)) & 0xFFU);
    }
    if (!simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
    return text;
}

}  // namespace skein
