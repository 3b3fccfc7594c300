#include <skein/secret.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace skein {
namespace {

constexpr std::string_view mask = "[key]";
constexpr std::size_t least_key = 4;  // Shorter ones would mask ordinary words.

// So much of a key is too much of it: a half, or eight letters of a long one.
std::size_t least_piece(std::size_t key) { return std::clamp<std::size_t>((key + 1) / 2, 4, 8); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_letter(char a, char b) { return lower(a) == lower(b); }

struct Piece {
    std::size_t begin = 0;
    std::size_t length = 0;
};

// The longest piece of the key in `text` that holds the letter at `at`, as the key's letter number
// `k`, and begins no earlier than `from`.
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

// The same, as any of the key's letters. Some keys have thousands, and an answer is not to wait.
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
    if (value_.size() < least_key) return text;
    const auto least = least_piece(value_.size());
    std::string masked;
    std::size_t done = 0;
    // A piece that long holds one of every `least` letters, so only these are looked at.
    for (auto at = least - 1; at < text.size();) {
        const auto piece = piece_around(text, at, done, value_);
        if (piece.length < least) {
            at += least;
            continue;
        }
        masked.append(text, done, piece.begin - done) += mask;
        done = piece.begin + piece.length;
        at = done + least - 1;
    }
    return done == 0 ? text : masked.append(text, done);
}

void Secret::wipe() noexcept {
    // The capacity, too: what was once longer may have left its end there.
    value_.resize(value_.capacity());
    explicit_bzero(value_.data(), value_.size());
    value_.clear();
}

}  // namespace skein
