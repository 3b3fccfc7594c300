// Which proxy a connection goes through.
#pragma once
#include <skein/error.hpp>
#include <skein/secret.hpp>
#include <skein/settings.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// `proxy: environment`: as the variables of the environment say.
inline constexpr std::string_view proxy_of_environment = "environment";

// The value of an environment variable; null if there is none.
using Variables = const char* (*)(const char* name);
const char* from_environment(const char* name);

struct Proxy {
    std::string url{};   // `http://host:port`, without a login. Empty: no proxy.
    Secret login{};      // `user:password`. Empty: none.
    std::string from{};  // The environment variable that names it; empty: the settings do.
};

// A proxy URL with the login that may stand in it taken out, percent signs decoded.
Proxy split_login(std::string_view url);

// What is wrong with the URL of a proxy, whose login was taken out.
std::optional<std::string> check_proxy(std::string_view url);

// The proxy for this endpoint. A URL in the environment that cannot be used is an error; it is not
// repeated, because there may be a password in it.
Expected<Proxy, ConfigError> proxy_for(const Endpoint& endpoint, Variables variables);

// The variable of the environment that names a proxy for this URL, as in `HTTPS_PROXY`. Empty: none
// does, NO_PROXY excepts the host, or it is this machine.
std::string proxy_variable_for(std::string_view url, Variables variables);

// Does a list as in NO_PROXY name this host? Entries are separated by commas or blanks: a domain
// with all below it, an address, a network (10.0.0.0/8), each also with a port; `*` is all.
bool is_excepted(std::string_view list, std::string_view host, std::string_view port);

}  // namespace skein::config
