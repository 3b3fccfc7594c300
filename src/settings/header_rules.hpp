// Which header lines may be sent with every request.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// What is wrong with a header's name, by RFC 9110's rules and by ours; nothing if it is fine.
// libcurl passes on what it is given, line breaks included, so this is where they end.
std::optional<std::string> check_header_name(std::string_view name);

// The same for a value. The value itself is not repeated: it may be a secret.
std::optional<std::string> check_header_value(std::string_view value);

// Header names are compared without case.
bool same_header(std::string_view a, std::string_view b);

}  // namespace skein::config
