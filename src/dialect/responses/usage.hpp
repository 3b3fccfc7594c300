// The count of tokens.
#pragma once
#include "json/json.hpp"

#include <string>

namespace skein::response {

// Appends the member `usage` of the common form, if the Response has a count. A count that is null,
// negative or no number is not told.
void add_usage(std::string& out, json::Element response);

}  // namespace skein::response
