// Where an endpoint may be.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// What is wrong with the URL of an endpoint; nothing if it is fine. It can be
//
//     https://host[:port][/path]
//     http://…        to loopback only, or with `allow_plaintext`
//     mock:[FILE]     a mock server in this process
//
// No user, query or fragment, no zone id, and an address only in its plain form, for
// `http://2130706433` is 127.0.0.1 to some and a name to others. Nor a path of the API, such as
// `/chat/completions`, at its end. The URL itself is repeated in the answer only where there is no
// password in it.
std::optional<std::string> check_url(std::string_view url, bool allow_plaintext);

// Is it loopback by its text alone: `localhost`, 127.0.0.0/8, `[::1]`? No name is looked up.
bool is_loopback(std::string_view host);

}  // namespace skein::config
