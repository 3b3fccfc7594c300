// Validation of endpoint URLs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// A base URL ends before the path of the API, which each request adds. An exact URL is the whole
// address.
enum class UrlKind : std::uint8_t { base, exact };

struct UrlRules {
    bool allow_plaintext = false;
    UrlKind kind = UrlKind::base;
};

// The error in the URL of an endpoint; empty if it is valid. Valid are
//
//     https://host[:port][/path][?query]
//     http://…                    to loopback only, or with `allow_plaintext`
//     unix:FILE[:/path][?query]   a unix socket of this machine
//     mock:[FILE]                 a mock server in this process
//
// A user, a fragment and a zone id are refused. An IPv4 address must be in dotted decimal form,
// because some resolvers take `http://2130706433` for 127.0.0.1 and others for a name. A base URL
// must not end in a path of the API, such as `/chat/completions`. The message contains the URL only
// if it holds no password, and never its query.
std::optional<std::string> check_url(std::string_view url, UrlRules rules);

// Whether the text of `host` denotes this machine: `localhost`, 127.0.0.0/8, `[::1]`, and the
// unspecified addresses 0.0.0.0 and `[::]`, which servers print when they listen on all addresses.
// Makes no DNS look-up.
bool is_this_machine(std::string_view host);

}  // namespace skein::config
