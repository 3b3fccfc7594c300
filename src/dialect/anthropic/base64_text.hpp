// Base64 that holds text.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace skein {

// The text. Nothing if it is not base64 (RFC 4648, with or without padding), or no valid UTF-8.
std::optional<std::string> text_of_base64(std::string_view base64);

}  // namespace skein
