// Secret: a key that is wiped from memory, and its redaction in foreign text.
// Invariant: a Secret's bytes are zeroed before its memory is freed or reused.
// Not thread-safe by itself; `redact` and `reveal` are const and may run on several threads.
#include "base/ascii.hpp"

#include <skein/secret.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace skein {
namespace {

constexpr std::string_view mask = "[key]";
constexpr std::size_t min_key = 4;  // A shorter key would mask ordinary words.

// The shortest piece of a key that is masked: half of the key, between four and eight characters.
std::size_t min_piece(std::size_t key) { return std::clamp<std::size_t>((key + 1) / 2, 4, 8); }

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_letter(char a, char b) { return lower(a) == lower(b); }

struct Piece {
    std::size_t begin = 0;
    std::size_t length = 0;
};

// The longest piece of the key in `text` in which the character at `at` is the key's character
// number `k`, and which begins at or after `from`. Ignores case.
Piece piece_at(
    std::string_view text, std::size_t at, std::size_t from, std::string_view key, std::size_t k
) {
    std::size_t before = 0;
    const auto room = std::min(at - from, k);
    while (before < room && same_letter(text[at - before - 1], key[k - before - 1])) ++before;
    std::size_t after = 1;
    const auto rest = std::min(text.size() - at, key.size() - k);
    while (after < rest && same_letter(text[at + after], key[k + after])) ++after;
    return {at - before, before + after};
}

// The same for any position in the key. `find` skips to the matching characters quickly, because a
// key may have thousands of characters.
Piece piece_around(std::string_view text, std::size_t at, std::size_t from, std::string_view key) {
    Piece longest;
    const auto look_for = [&](char letter) {
        for (auto k = key.find(letter); k != key.npos; k = key.find(letter, k + 1)) {
            const auto piece = piece_at(text, at, from, key, k);
            if (piece.length > longest.length) longest = piece;
        }
    };
    look_for(lower(text[at]));
    if (upper(text[at]) != lower(text[at])) look_for(upper(text[at]));
    return longest;
}

}  // namespace

// Copies and wipes: a moved-from std::string may keep a short value in its own buffer.
Secret::Secret(Secret&& other) noexcept : value_{other.value_} { other.wipe(); }

Secret& Secret::operator=(const Secret& other) {
    if (this == &other) return *this;
    wipe();
    value_ = other.value_;
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    value_ = other.value_;
    other.wipe();
    return *this;
}

Secret::~Secret() { wipe(); }

std::optional<Secret> Secret::from_env(const char* name) {
    const char* value = std::getenv(name);
    if (!value) return std::nullopt;
    std::string text{value};
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return std::nullopt;
    return Secret{std::move(text)};
}

std::string Secret::redact(std::string text) const {
    if (value_.size() < min_key) return text;
    const auto min = min_piece(value_.size());
    std::string masked;
    std::size_t done = 0;
    // A piece of `min` characters contains one of every `min` positions of the text, so only these
    // positions are checked.
    for (auto at = min - 1; at < text.size();) {
        const auto piece = piece_around(text, at, done, value_);
        if (piece.length < min) {
            at += min;
            continue;
        }
        masked.append(text, done, piece.begin - done) += mask;
        done = piece.begin + piece.length;
        at = done + min - 1;
    }
    return done == 0 ? text : masked.append(text, done);
}

void Secret::wipe() noexcept {
    // Wipe the whole capacity, because a longer value may have been there before.
    value_.resize(value_.capacity());
    explicit_bzero(value_.data(), value_.size());
    value_.clear();
}

}  // namespace skein
