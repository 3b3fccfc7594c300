// Validation of the user's own request headers.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// The error in a header's name, by RFC 9110 and by skein's own rules; empty if it is valid. These
// checks prevent header injection, because libcurl passes on line breaks unchanged.
std::optional<std::string> check_header_name(std::string_view name);

// The same for a header's value. The message does not contain the value: it may be a secret.
std::optional<std::string> check_header_value(std::string_view value);

// Compares two header names, ignoring case.
bool same_header(std::string_view a, std::string_view b);

}  // namespace skein::config
