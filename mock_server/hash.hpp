// A number for a text, the same in every run and on every machine of one byte order.
#pragma once
#include "base/random.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace skein::mock {

inline std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) {
    auto hash = mix(seed, text.size());
    while (!text.empty()) {
        std::uint64_t word = 0;
        const auto length = text.size() < sizeof word ? text.size() : sizeof word;
        std::memcpy(&word, text.data(), length);
        hash = mix(hash, word);
        text.remove_prefix(length);
    }
    return hash;
}

inline std::string hex_of(std::uint64_t number) {
    std::string text(16, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 4) {
        *digit = "0123456789abcdef"[number & 0xF];
    }
    return text;
}

}  // namespace skein::mock
