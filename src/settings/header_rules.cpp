// Rules for the user's own headers. They prevent header injection, because libcurl sends line
// breaks in a header as they are. Pure functions: any thread.
#include "settings/header_rules.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>

namespace skein::config {
namespace {

// Headers that skein or libcurl writes itself. A second value could break the framing of the
// request or its authentication.
constexpr std::string_view set_by_us[] = {
    "authorization",
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "expect",
    "connection",
    "accept-encoding",
};

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// `token` of RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter_or_digit(c) || marks.find(c) != marks.npos;
    });
}

}  // namespace

bool same_header(std::string_view a, std::string_view b) { return same_letters(a, b); }

std::optional<std::string> check_header_name(std::string_view name) {
    const auto shown = "'" + json::printable(name, 60) + "'";
    if (!is_token(name)) {
        return shown + " is no header name: letters, digits and !#$%&'*+-.^_`|~ alone";
    }
    // In the list below as well; here the message says where the key belongs.
    if (same_header(name, "authorization")) {
        return shown + " is written from the key; give it as api_key or api_key_file";
    }
    for (const auto ours : set_by_us) {
        if (same_header(name, ours)) return shown + " is set by skein itself; leave it out";
    }
    return std::nullopt;
}

std::optional<std::string> check_header_value(std::string_view value) {
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\r' || c == '\n') return "there is a line break in it";
        if ((byte < 0x20 && c != '\t') || byte == 0x7F) return "there is a control character in it";
    }
    // White space at the ends is no part of a value (RFC 9110, section 5.5): the server would read
    // another value.
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    if (!value.empty() && (is_blank(value.front()) || is_blank(value.back()))) {
        return "it begins or ends with a space";
    }
    return std::nullopt;
}

}  // namespace skein::config
