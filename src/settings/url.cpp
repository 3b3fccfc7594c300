// Validates endpoint URLs part by part: characters, host, port, path. Strict on purpose: only forms
// are accepted that every resolver reads alike.
// Invariant: no message contains a password or a query.
// Pure functions: any thread.
#include "settings/url.hpp"

#include "base/ascii.hpp"
#include "settings/number.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>

namespace skein::config {
namespace {

using Reason = std::optional<std::string>;

constexpr std::string_view secure = "https://", plain = "http://",
                           socket_scheme = "unix:", mock = "mock:";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

// The characters of RFC 3986. Anything else is escaped differently by different clients, so the
// user has to write it escaped.
Reason check_characters(std::string_view url) {
    constexpr std::string_view marks = "-._~:/?#[]@!$&'()*+,;=%";
    for (const char c : url) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7F) return "a URL holds no spaces and no control characters";
        if (byte > 0x7F) {
            return "a URL is plain ASCII; write an international name in its xn-- form";
        }
        if (!is_letter(c) && !is_digit(c) && marks.find(c) == marks.npos) {
            return std::string{"a URL holds no '"} + c + "'";
        }
    }
    return std::nullopt;
}

// A `%` alone is read as a literal by some servers and refused by others.
Reason check_percents(std::string_view path) {
    for (auto at = path.find('%'); at != path.npos; at = path.find('%', at + 1)) {
        if (at + 2 >= path.size() || !is_hex(path[at + 1]) || !is_hex(path[at + 2])) {
            return "a '%' in a URL is followed by two hexadecimal digits";
        }
    }
    return std::nullopt;
}

// Four decimal bytes (127.0.0.1). Short, octal and hexadecimal forms are refused.
std::optional<std::array<std::uint64_t, 4>> parse_ipv4(std::string_view host) {
    std::array<std::uint64_t, 4> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto dot = std::min(host.find('.'), host.size());
        const auto byte = parse_whole(host.substr(0, dot));
        // The last byte, and only the last, ends at the end of the host.
        if (!byte || *byte > 255 || (dot == host.size()) != (i == 3)) return std::nullopt;
        bytes[i] = *byte;
        host.remove_prefix(std::min(dot + 1, host.size()));
    }
    return bytes;
}

// Whether some resolver could take the host for a number: its last label consists of digits, or
// begins with 0x.
bool ends_in_number(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto label = host.substr(host.rfind('.') + 1);  // The whole name if it has no dot.
    if (label.starts_with("0x") || label.starts_with("0X")) return true;
    return !label.empty() && std::all_of(label.begin(), label.end(), is_digit);
}

// A host name or an IPv4 address. An underscore is allowed, although RFC 1123 knows no host name
// with one.
Reason check_name(std::string_view host) {
    if (host.empty()) return "a URL names a host: https://host/v1";
    const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
    if (!plain) return "a host name is of letters, digits, '-' and '.'";
    if (host.starts_with('.') || host.find("..") != host.npos) {
        return "there is an empty part in the host name";
    }
    if (host.size() > 253) return "a host name has at most 253 characters";
    if (ends_in_number(host) && !parse_ipv4(host)) {
        return "an address is written as four numbers from 0 to 255, like 127.0.0.1";
    }
    return std::nullopt;
}

// Copies the text, because `inet_pton` wants a terminating zero.
bool parse_ipv6(std::string_view text, in6_addr& address) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size()) return false;
    std::copy(text.begin(), text.end(), terminated.begin());
    return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

// A zone id names an interface of this machine only.
Reason check_bracketed(std::string_view host) {
    if (host.find('%') != host.npos) return "an address with a zone id (%eth0) is not allowed";
    in6_addr address{};
    if (!host.ends_with(']') || !parse_ipv6(host.substr(1, host.size() - 2), address)) {
        return "what stands in brackets must be an IPv6 address, like [::1]";
    }
    return std::nullopt;
}

// Splits `authority`: sets `host`, and returns the port with its colon, or nothing.
std::string_view split_port(std::string_view authority, std::string_view& host) {
    // The port begins behind the bracket of an IPv6 address.
    const auto from = authority.starts_with('[') ? authority.find(']') : 0;
    const auto colon = from == authority.npos ? from : authority.find(':', from);
    host = authority.substr(0, colon);
    return colon == authority.npos ? std::string_view{} : authority.substr(colon);
}

Reason check_port(std::string_view colon_and_port) {
    if (colon_and_port.empty()) return std::nullopt;
    const auto port = parse_whole(colon_and_port.substr(1));
    if (port && *port >= 1 && *port <= 65535) return std::nullopt;
    return "a port is a whole number from 1 to 65535";
}

// The part at the end of `path` that each request would add itself; empty if there is none.
std::string_view api_path(std::string_view path) {
    for (const std::string_view known :
         {"/chat/completions", "/completions", "/embeddings", "/v1/messages", "/v1/responses"}) {
        if (!path.ends_with(known)) continue;
        return known.starts_with("/v1/") ? known.substr(3) : known;
    }
    return {};
}

// `/v1`, `/openai/v4`: an exact URL that ends so is a base URL by mistake.
bool ends_in_version(std::string_view path) {
    const auto last = path.substr(path.rfind('/') + 1);  // The whole path if it has no slash.
    return last.size() >= 2 && last[0] == 'v' &&
           std::all_of(last.begin() + 1, last.end(), is_digit);
}

std::string without_end(std::string_view text, std::string_view end) {
    return std::string{text.substr(0, text.size() - end.size())};
}

// Checks the end of the path. `shown` is the URL without its query; it may appear in the message,
// because the caller has made sure that it holds no password.
Reason check_end(std::string_view shown, std::string_view path, UrlKind kind) {
    while (path.ends_with('/')) path.remove_suffix(1), shown.remove_suffix(1);
    if (kind == UrlKind::exact) {
        if (!ends_in_version(path)) return std::nullopt;
        return "url is the whole address, and the API has nothing at " + std::string{shown} +
               " itself; write it as base_url, to which each request adds its path";
    }
    const auto api = api_path(path);
    if (api.empty()) return std::nullopt;
    return "a base URL ends before the path of the API, which each request adds; write " +
           without_end(shown, api) + " without " + std::string{api} +
           ", or url in place of base_url for an exact address";
}

// Checks path and query. `before` is the URL up to the path; it holds no password.
Reason check_path(std::string_view before, std::string_view path_and_query, UrlKind kind) {
    if (path_and_query.find('#') != path_and_query.npos) return "a URL has no fragment (#) here";
    if (auto reason = check_percents(path_and_query)) return reason;
    const auto path = path_and_query.substr(0, path_and_query.find('?'));
    return check_end(std::string{before}.append(path), path, kind);
}

// The host of the part between `//` and the path, and its port. Refuses a login, because URLs are
// shown in messages and logs.
Reason check_host(std::string_view authority, std::string_view& host) {
    if (authority.find('@') != authority.npos) {
        return "a URL holds no user and no password: they would be shown in logs; use api_key";
    }
    const auto port = split_port(authority, host);
    if (auto reason = host.starts_with('[') ? check_bracketed(host) : check_name(host)) {
        return reason;
    }
    return check_port(port);
}

// Plain http is for this machine, unless the user allows it: the key would be readable on the
// network.
Reason check_web(std::string_view url, std::string_view scheme, UrlRules rules) {
    const auto rest = url.substr(scheme.size());
    const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view host;
    if (auto reason = check_host(rest.substr(0, slash), host)) return reason;
    if (scheme == plain && !rules.allow_plaintext && !is_this_machine(host)) {
        return "plain http would send the key and every request readable over the network; write "
               "https, or allow_plaintext: true";
    }
    return check_path(url.substr(0, scheme.size() + slash), rest.substr(slash), rules.kind);
}

// `unix:FILE`, or `unix:FILE:/path`. The first `:/` ends the name of the file.
Reason check_unix(std::string_view url, UrlKind kind) {
    constexpr std::size_t max_length = 107;  // sockaddr_un::sun_path
    const auto rest = url.substr(socket_scheme.size());
    const auto colon = std::min(rest.find(":/"), rest.size());
    const auto file = rest.substr(0, colon);
    if (file.empty()) return "unix: names a socket: unix:/run/llm.sock, or unix:/run/llm.sock:/v1";
    if (file.size() > max_length) return "the path of a unix socket has at most 107 bytes";
    if (has_control(file)) return "a file name holds no control characters";
    const auto path = rest.substr(std::min(colon + 1, rest.size()));
    if (auto reason = check_characters(path)) return reason;
    return check_path(url.substr(0, url.size() - path.size()), path, kind);
}

}  // namespace

bool is_this_machine(std::string_view host) {
    if (host == "localhost") return true;
    // All of 127.0.0.0/8, and 0.0.0.0.
    if (const auto ipv4 = parse_ipv4(host)) {
        return ipv4->front() == 127 ||
               std::ranges::all_of(*ipv4, [](auto byte) { return byte == 0; });
    }
    in6_addr address{};
    if (host.size() < 2 || !host.starts_with('[')) return false;
    if (!parse_ipv6(host.substr(1, host.size() - 2), address)) return false;
    return std::memcmp(&address, &in6addr_loopback, sizeof address) == 0 ||
           std::memcmp(&address, &in6addr_any, sizeof address) == 0;
}

std::optional<std::string> check_url(std::string_view url, UrlRules rules) {
    // A file name follows `mock:` and `unix:`, so the characters of a URL do not bind it.
    if (url.starts_with(mock)) {
        if (rules.kind == UrlKind::exact)
            return "mock: is a base URL; write base_url in place of url";
        if (!has_control(url)) return std::nullopt;
        return "a file name holds no control characters";
    }
    if (url.starts_with(socket_scheme)) return check_unix(url, rules.kind);
    if (auto reason = check_characters(url)) return reason;
    if (url.starts_with(secure)) return check_web(url, secure, rules);
    if (url.starts_with(plain)) return check_web(url, plain, rules);
    return "a URL begins with https:// (or with http:// to this machine, unix:, or mock:)";
}

}  // namespace skein::config
