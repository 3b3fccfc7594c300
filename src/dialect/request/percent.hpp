#pragma once
#include <string>
#include <string_view>

namespace skein {

// The text as a part of a path or a query (RFC 3986): all but letters, digits and `-._~` is written
// as `%20`. The bytes of `kept` stay as well.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

}  // namespace skein
