// Proxy selection by the rules of curl (https://everything.curl.dev/usingcurl/proxies/env.html):
// the lower-case variable wins over the upper-case one, ALL_PROXY comes last. Upper-case HTTP_PROXY
// is ignored if REQUEST_METHOD is set, because in a CGI program a client can set it (httpoxy).
// Pure functions over the environment; they may run on any thread that does not race with setenv.
#include "settings/proxy.hpp"

#include "base/ascii.hpp"
#include "settings/number.hpp"
#include "settings/url.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <netinet/in.h>
#include <span>

namespace skein::config {
namespace {

constexpr std::string_view schemes[] = {"http://", "https://", "socks5h://"};
constexpr std::string_view rule =
    "a proxy is http://host:port, https://host:port or socks5h://host:port";

struct Server {
    bool is_tls = false;
    std::string_view host{};
    std::string_view port{};
};

// Host and port of a valid URL; empty for `unix:` and `mock:`, which use no network.
std::optional<Server> server_of(std::string_view url) {
    constexpr std::string_view secure = "https://", plain = "http://";
    Server server{.is_tls = url.starts_with(secure)};
    if (!server.is_tls && !url.starts_with(plain)) return std::nullopt;
    url.remove_prefix(server.is_tls ? secure.size() : plain.size());
    url = url.substr(0, url.find_first_of("/?#"));
    // The colons of an IPv6 address stand in brackets and do not begin the port.
    const auto bracket = url.starts_with('[') ? url.find(']') : 0;
    const auto colon = std::min(url.find(':', std::min(bracket, url.size())), url.size());
    server.host = url.substr(0, colon);
    server.port = colon < url.size() ? url.substr(colon + 1) : server.is_tls ? "443" : "80";
    return server;
}

// Percent-decodes a login. A `%` without two hexadecimal digits is kept as it is.
std::string decoded(std::string_view text) {
    const auto digit = [](char c) {
        return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;  // The value of a hexadecimal digit.
    };
    const auto is_hex = [](char c) {
        return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape =
            text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
        if (!is_escape) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return out;
}

// The value of a variable. An empty or blank one counts as not set.
std::optional<std::string> value_of(const char* name, Variables variables) {
    const char* value = variables(name);
    if (!value || trimmed(value).empty()) return std::nullopt;
    return std::string{trimmed(value)};
}

// The variables that may name the proxy, in the order in which they are asked.
std::span<const char* const> names_for(bool is_tls, Variables variables) {
    static constexpr std::array tls{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    static constexpr std::array plain{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"};
    static constexpr std::array in_cgi{"http_proxy", "all_proxy", "ALL_PROXY"};
    if (is_tls) return tls;
    return variables("REQUEST_METHOD") ? std::span<const char* const>{in_cgi} : plain;
}

// The 4 bytes of an IPv4 or the 16 bytes of an IPv6 address; empty for a host name.
std::string address_of(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    std::array<char, sizeof(in6_addr)> bytes{};
    const std::string text{host};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
    return {};
}

// True if `entry` is a network in CIDR notation (`10.0.0.0/8`) that holds the address `host`. Never
// true for a host name, because no name is resolved here.
bool is_in_network(std::string_view entry, std::string_view host) {
    const auto slash = entry.find('/');
    if (slash == entry.npos) return false;
    const auto bits = parse_whole(entry.substr(slash + 1));
    const auto network = address_of(entry.substr(0, slash));
    const auto address = address_of(host);
    if (!bits || network.empty() || address.size() != network.size()) return false;
    if (*bits > network.size() * 8) return false;
    for (std::size_t bit = 0; bit < *bits; ++bit) {
        const auto mask = 0x80u >> (bit % 8);
        const auto differs = static_cast<unsigned char>(network[bit / 8] ^ address[bit / 8]);
        if ((differs & mask) != 0) return false;
    }
    return true;
}

// True for the domain itself and its subdomains. The match begins at a dot, so that `example.com`
// does not cover `badexample.com`.
bool is_domain_of(std::string_view domain, std::string_view host) {
    while (domain.starts_with('.')) domain.remove_prefix(1);
    if (domain.ends_with('.')) domain.remove_suffix(1);
    if (host.ends_with('.')) host.remove_suffix(1);
    if (domain.empty() || host.size() < domain.size()) return false;
    const auto before = host.size() - domain.size();
    return same_letters(host.substr(before), domain) && (before == 0 || host[before - 1] == '.');
}

// Compares one entry of NO_PROXY with a host: `*`, network, address, or domain, the last two also
// with a port.
bool is_named_by(std::string_view entry, std::string_view host, std::string_view port) {
    if (entry == "*" || is_in_network(entry, host)) return true;
    // Without a port first, because an IPv6 address without brackets holds colons itself.
    const auto address = address_of(entry);
    if (!address.empty()) return address == address_of(host);
    const auto bracket = entry.starts_with('[') ? entry.find(']') : 0;
    const auto colon = std::min(entry.find(':', std::min(bracket, entry.size())), entry.size());
    if (colon < entry.size() && entry.substr(colon + 1) != port) return false;
    entry = entry.substr(0, colon);
    const auto plain = address_of(entry);
    return plain.empty() ? is_domain_of(entry, host) : plain == address_of(host);
}

// Normalizes a URL of the environment: without a scheme it is an HTTP proxy, and socks5 becomes
// socks5h, because the proxy always resolves the names.
std::string usual_form(std::string url) {
    constexpr std::string_view socks = "socks5://";
    if (url.find("://") == url.npos) return "http://" + url;
    return url.starts_with(socks) ? "socks5h://" + url.substr(socks.size()) : url;
}

}  // namespace

const char* from_environment(const char* name) { return std::getenv(name); }

// Searches the last `@` before the path, because a password may hold an `@` itself.
Proxy split_login(std::string_view url) {
    const auto scheme = url.find("://");
    const auto host = scheme == url.npos ? 0 : scheme + 3;
    const auto end = std::min(url.find('/', host), url.size());
    const auto at = url.substr(0, end).rfind('@');
    Proxy proxy;
    if (at == url.npos || at < host) {
        proxy.url = url;
    } else {
        proxy.url = std::string{url.substr(0, host)} + std::string{url.substr(at + 1)};
        proxy.login = Secret{decoded(url.substr(host, at - host))};
    }
    while (proxy.url.ends_with('/')) proxy.url.pop_back();
    return proxy;
}

std::optional<std::string> check_proxy(std::string_view url) {
    for (const auto scheme : schemes) {
        if (!url.starts_with(scheme)) continue;
        const auto rest = url.substr(scheme.size());
        if (rest.find_first_of("/?#@") != rest.npos) break;
        // Host and port follow the same rules as those of an endpoint.
        const auto as_endpoint = "https://" + std::string{rest};
        if (auto wrong = check_url(as_endpoint, {})) return "the proxy: " + *wrong;
        const auto colon = rest.rfind(':');
        if (colon == rest.npos || rest.ends_with(']')) {
            return "a proxy has a port, as in " + std::string{scheme} + "proxy.example.com:3128";
        }
        return std::nullopt;
    }
    return std::string{rule};
}

Expected<Proxy, ConfigError> proxy_for(const Endpoint& endpoint, Variables variables) {
    if (endpoint.proxy.empty()) return Proxy{};
    const auto server = server_of(endpoint.url);
    if (!server || is_this_machine(server->host)) return Proxy{};
    if (endpoint.proxy != proxy_of_environment) {
        if (auto wrong = check_proxy(endpoint.proxy)) return ConfigError{"proxy", *wrong};
        return Proxy{endpoint.proxy, endpoint.proxy_login, {}};
    }
    const auto name = proxy_variable_for(endpoint.url, variables);
    if (name.empty()) return Proxy{};
    auto proxy = split_login(usual_form(*value_of(name.c_str(), variables)));
    proxy.from = name;
    if (auto wrong = check_proxy(proxy.url)) {
        return ConfigError{"proxy", "the environment variable " + name + ": " + *wrong};
    }
    return proxy;
}

std::string proxy_variable_for(std::string_view url, Variables variables) {
    const auto server = server_of(url);
    if (!server || is_this_machine(server->host)) return {};
    for (const auto* list : {"no_proxy", "NO_PROXY"}) {
        const auto exceptions = value_of(list, variables);
        if (!exceptions) continue;
        if (is_excepted(*exceptions, server->host, server->port)) return {};
        break;
    }
    for (const auto* name : names_for(server->is_tls, variables)) {
        if (value_of(name, variables)) return name;
    }
    return {};
}

bool is_excepted(std::string_view list, std::string_view host, std::string_view port) {
    constexpr std::string_view between = ", \t";
    while (!list.empty()) {
        const auto end = std::min(list.find_first_of(between), list.size());
        if (end > 0 && is_named_by(list.substr(0, end), host, port)) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

}  // namespace skein::config
