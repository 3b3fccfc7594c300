#include "dialect/http/redact.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"
#include "model/key_header.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::size_t longest_excerpt = 80;
constexpr std::size_t longest_words = 2048;
constexpr std::size_t longest_body = 64 * 1024;
constexpr std::size_t longest_key = 4096;
constexpr std::size_t looked_at = 64 * 1024;

// The last word of the value, too: `Bearer` and the key may be quoted apart.
std::string without_value(std::string text, const std::string& value) {
    text = Secret{value}.redact(std::move(text));
    const auto space = value.rfind(' ');
    if (space == std::string::npos) return text;
    return Secret{value.substr(space + 1)}.redact(std::move(text));
}

// Keys can stand in the query of the URL, too. `code` is what Azure's functions call theirs, `sig`
// a signature.
std::string without_keys_of(std::string_view url, std::string text) {
    auto query = std::min(url.find('?'), url.size());
    while (query < url.size()) {
        const auto end = std::min(url.find('&', query + 1), url.size());
        const auto member = url.substr(query + 1, end - query - 1);
        const auto equals = std::min(member.find('='), member.size());
        const auto name = member.substr(0, equals);
        if (equals < member.size() && (carries_key(name) || name == "code" || name == "sig")) {
            text = Secret{std::string{member.substr(equals + 1)}}.redact(std::move(text));
        }
        query = end;
    }
    return text;
}

// Cut between characters.
std::string cut(std::string text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0u) == 0x80u) --most;
    text.resize(most);
    return text;
}

}  // namespace

std::string redacted(std::string text, const Endpoint& endpoint) {
    text = endpoint.api_key.redact(std::move(text));
    text = without_keys_of(endpoint.url, std::move(text));
    for (const auto& [name, value] : endpoint.headers) {
        if (carries_key(name)) text = without_value(std::move(text), value);
    }
    return text;
}

// Keys are taken out before anything is cut: half a key is one, too. Where so much is given that
// it is cut all the same, blanks in front must not bring that place into sight.
std::string excerpt(std::string_view text, const Endpoint& endpoint) {
    const auto whole = redacted(std::string{trimmed(text).substr(0, looked_at)}, endpoint);
    return json::printable(whole, longest_excerpt);
}

std::string kept_body(std::string_view text, const Endpoint& endpoint) {
    text = trimmed(text);
    const auto beginning = text.substr(0, longest_body + longest_key);
    auto body = json::valid_utf8(redacted(std::string{beginning}, endpoint));
    // Half a key may stand where the beginning ends.
    const auto hidden = beginning.size() < text.size() ? longest_key : 0;
    const auto shown = body.size() - std::min(body.size(), hidden);
    return cut(std::move(body), std::min(longest_body, shown));
}

std::string remote_words(std::string_view text, const Endpoint& endpoint) {
    auto words =
        json::valid_utf8(redacted(std::string{trimmed(text).substr(0, looked_at)}, endpoint));
    return cut(std::move(words), longest_words);
}

}  // namespace skein
