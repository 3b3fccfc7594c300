#include "dialect/http/redact.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"
#include "model/key_header.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::size_t max_excerpt = 80;
constexpr std::size_t max_words = 2048;
constexpr std::size_t max_body = 64 * 1024;
constexpr std::size_t max_key = 4096;
constexpr std::size_t looked_at = 64 * 1024;

// Redacts the value and its last word alone, because a server may quote the key without `Bearer`.
std::string without_value(std::string text, const std::string& value) {
    text = Secret{value}.redact(std::move(text));
    const auto space = value.rfind(' ');
    if (space == std::string::npos) return text;
    return Secret{value.substr(space + 1)}.redact(std::move(text));
}

// Redacts keys in the query of the endpoint's URL. `code` is the key of Azure Functions, `sig` a
// signature.
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

// Cuts to at most `max` bytes, between two UTF-8 characters.
std::string cut(std::string text, std::size_t max) {
    if (text.size() <= max) return text;
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0u) == 0x80u) --max;
    text.resize(max);
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

// Redaction comes before cutting, because half a key would no longer be recognised. A text above
// 64 kB must be cut first; it is trimmed before, so that leading spaces cannot move that cut into
// the visible part.
std::string excerpt(std::string_view text, const Endpoint& endpoint) {
    const auto whole = redacted(std::string{trimmed(text).substr(0, looked_at)}, endpoint);
    return json::printable(whole, max_excerpt);
}

std::string kept_body(std::string_view text, const Endpoint& endpoint) {
    text = trimmed(text);
    const auto beginning = text.substr(0, max_body + max_key);
    auto body = json::valid_utf8(redacted(std::string{beginning}, endpoint));
    // If the body was cut before redaction, half a key may stand at its end: hide the last bytes.
    const auto hidden = beginning.size() < text.size() ? max_key : 0;
    const auto shown = body.size() - std::min(body.size(), hidden);
    return cut(std::move(body), std::min(max_body, shown));
}

std::string remote_words(std::string_view text, const Endpoint& endpoint) {
    auto words =
        json::valid_utf8(redacted(std::string{trimmed(text).substr(0, looked_at)}, endpoint));
    return cut(std::move(words), max_words);
}

}  // namespace skein
