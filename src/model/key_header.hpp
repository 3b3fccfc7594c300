#pragma once
#include <string_view>

namespace skein {

// Does a header line of the user's own carry a key, to judge by its name, as in `x-api-key`,
// `x-auth-token` and `proxy-authorization`?
bool carries_key(std::string_view header_name);

}  // namespace skein
