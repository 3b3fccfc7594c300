// Where an endpoint may be.
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

// What is wrong with the URL of an endpoint; nothing if it is fine. It can be
//
//     https://host[:port][/path][?query]
//     http://…                    to this machine only, or with `allow_plaintext`
//     unix:FILE[:/path][?query]   a unix socket of this machine
//     mock:[FILE]                 a mock server in this process
//
// No user or fragment, no zone id, and an address only in its plain form, for `http://2130706433`
// is 127.0.0.1 to some and a name to others. A base URL has no path of the API, such as
// `/chat/completions`, at its end. The URL itself is repeated in the answer only where there is no
// password in it, and without its query.
std::optional<std::string> check_url(std::string_view url, UrlRules rules);

// Is it this machine by its text alone: `localhost`, 127.0.0.0/8, `[::1]`, and 0.0.0.0 and `[::]`,
// by which servers say that they listen at every address? No name is looked up.
bool is_this_machine(std::string_view host);

}  // namespace skein::config
