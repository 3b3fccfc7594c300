// A JSON Schema as Anthropic's API takes it.
#pragma once
#include "json/json.hpp"

#include <string>

namespace skein {

// Bounds that the API refuses become words in `description`, `oneOf` becomes `anyOf`, formats that
// it does not know are left out, and every object with properties forbids others, which the API
// demands. The whole schema is checked by skein afterwards, so nothing is lost by this.
std::string weakened_schema(json::Element schema);

}  // namespace skein
