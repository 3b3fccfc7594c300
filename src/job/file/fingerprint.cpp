// Hashes of rows, requests and journal lines (XXH3, 64 bits) and of whole inputs (128 bits). They
// detect changes; they are no defence against a forger.
#include "job/file/fingerprint.hpp"

#include <array>

// Compiles the hash into this file, so that nothing of libxxhash is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace skein::job {
namespace {

// A table of the two hexadecimal digits of each byte, made at compile time. Every journal line has
// up to three hashes as text.
constexpr auto make_digits() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> all{};
    for (std::size_t byte = 0; byte < all.size(); ++byte) {
        all[byte] = {digits[byte >> 4], digits[byte & 0xF]};
    }
    return all;
}
constexpr auto digits_of_byte = make_digits();

}  // namespace

std::uint64_t hash_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

void append_hex(std::string& out, std::uint64_t number) {
    std::array<char, 16> text;
    for (auto place = text.end(); place != text.begin(); number >>= 8) {
        const auto& digits = digits_of_byte[number & 0xFF];
        *--place = digits[1];
        *--place = digits[0];
    }
    out.append(text.data(), text.size());
}

std::string hex_of(std::uint64_t number) {
    std::string text;
    append_hex(text, number);
    return text;
}

// The journal keeps this text as a fact of the job. Another form would make every earlier input
// look changed.
std::string Fingerprint::text() const { return std::to_string(size) + " bytes, xxh3 " + hash; }

// Hidden from the header, so that only this file includes xxhash.h.
struct Hasher::State {
    XXH3_state_t xxh{};
    std::uint64_t size = 0;
};

Hasher::Hasher() : state_{std::make_unique<State>()} { XXH3_128bits_reset(&state_->xxh); }

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::add(std::string_view bytes) {
    XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size());
    state_->size += bytes.size();
}

// The digest does not change the state, so more bytes may follow.
Fingerprint Hasher::now() const {
    const auto hash = XXH3_128bits_digest(&state_->xxh);
    return {.size = state_->size, .hash = hex_of(hash.high64) + hex_of(hash.low64)};
}

}  // namespace skein::job
