#pragma once
#include <string_view>

namespace skein {

// Whether a header of the user's own carries a secret, judged by its name: `x-api-key`,
// `x-auth-token`, `proxy-authorization`.
bool carries_key(std::string_view header_name);

}  // namespace skein
