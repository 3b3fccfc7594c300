#include "mock_server/bomb.hpp"

#include <cstdint>
#include <string_view>

namespace skein::mock {
namespace {

constexpr std::uint64_t per_copy = 258;  // The longest that one code of deflate repeats.
constexpr std::uint64_t copies = 8;      // After so many, codes of 13 bits begin at the same bit.

// The codes "repeat the last byte 258 times". The block begins three bits late: they belong to the
// code before it, and are zero.
std::string block_of_copies() {
    constexpr std::string_view code = "1100010100000";  // Length 258, distance 1.
    std::string block;
    unsigned byte = 0;
    unsigned at = 3;
    for (std::uint64_t i = 0; i < copies; ++i) {
        for (const char bit : code) {
            byte |= (bit == '1' ? 1u : 0u) << at;
            if (++at < 8) continue;
            block += static_cast<char>(byte);
            byte = 0;
            at = 0;
        }
    }
    return block;
}

// Adler-32 of `size` bytes `x`, by formula, because the bytes are never made.
std::uint32_t checksum(std::uint64_t size) {
    constexpr std::uint64_t prime = 65521;
    const auto n = size % prime;
    const auto pairs = (size % (2 * prime)) * ((size + 1) % (2 * prime)) / 2 % prime;
    const auto low = (1 + n * 'x') % prime;
    const auto high = (n + pairs * 'x') % prime;
    return static_cast<std::uint32_t>(high << 16 | low);
}

}  // namespace

Bomb bomb_of(std::size_t unpacked) {
    Bomb bomb;
    bomb.block = block_of_copies();
    bomb.times = unpacked / (per_copy * copies) + 1;
    // The head of zlib; then: a last block, of fixed codes, with an `x`, of which the last three
    // bits are the first three of what follows.
    bomb.start = "\x78\x9C\xAB";
    bomb.end.assign(2, '\0');  // The end of the block.
    const auto sum = checksum(1 + bomb.times * per_copy * copies);
    for (int shift = 24; shift >= 0; shift -= 8) bomb.end += static_cast<char>(sum >> shift & 0xFF);
    return bomb;
}

}  // namespace skein::mock
