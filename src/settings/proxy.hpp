// Selects the proxy of a connection, from the settings or the environment.
#pragma once
#include <skein/error.hpp>
#include <skein/secret.hpp>
#include <skein/settings.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// `proxy: environment`: use HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
inline constexpr std::string_view proxy_of_environment = "environment";

// Looks up an environment variable; null if it is not set. A parameter, so that tests need not
// change the environment.
using Variables = const char* (*)(const char* name);
const char* from_environment(const char* name);

struct Proxy {
    std::string url{};   // `http://host:port`, without a login. Empty: no proxy.
    Secret login{};      // `user:password`. Empty: none.
    std::string from{};  // The environment variable that names it; empty: the settings do.
};

// Splits the login, if there is one, off a proxy URL, and percent-decodes the login.
Proxy split_login(std::string_view url);

// The error in a proxy URL without login; empty if it is valid.
std::optional<std::string> check_proxy(std::string_view url);

// The proxy for this endpoint. An invalid URL in the environment is an error. The message does not
// contain the URL, because it may hold a password.
Expected<Proxy, ConfigError> proxy_for(const Endpoint& endpoint, Variables variables);

// The name of the environment variable with the proxy for this URL, such as `HTTPS_PROXY`. Empty if
// no variable names a proxy, NO_PROXY excludes the host, or the host is this machine.
std::string proxy_variable_for(std::string_view url, Variables variables);

// Whether a NO_PROXY list contains this host. Entries are separated by commas or blanks: a domain
// (with its subdomains) or an address, each maybe with a port; a network in CIDR notation
// (10.0.0.0/8); or `*` for all hosts.
bool is_excepted(std::string_view list, std::string_view host, std::string_view port);

}  // namespace skein::config
