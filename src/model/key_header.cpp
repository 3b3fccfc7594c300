#include "model/key_header.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

constexpr std::array<std::string_view, 8> words_for_keys{
    "key", "token", "auth", "secret", "password", "credential", "cookie", "signature"};

}  // namespace

// A guess by words within the name, such as `X-Api-Key`.
bool carries_key(std::string_view header_name) {
    return std::ranges::any_of(words_for_keys, [&](std::string_view word) {
        const auto same = [](char a, char b) { return lower(a) == b; };
        const auto end = header_name.end();
        return std::search(header_name.begin(), end, word.begin(), word.end(), same) != end;
    });
}

}  // namespace skein
