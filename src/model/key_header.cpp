#include "model/key_header.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

constexpr std::array<std::string_view, 8> words_for_keys{
    "key", "token", "auth", "secret", "password", "credential", "cookie", "signature"};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool carries_key(std::string_view header_name) {
    return std::ranges::any_of(words_for_keys, [&](std::string_view word) {
        return !std::ranges::search(header_name, word, {}, lower).empty();
    });
}

}  // namespace skein
