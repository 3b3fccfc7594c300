// Warnings about probably misspelt members of `request:`.
#pragma once
#include "config/tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

// Adds one warning for each member whose name is similar to a known member, such as `temprature`,
// and for each member that belongs to a client library (`extra_body`, `timeout`) or to another API
// (`system`). The member is sent all the same, because servers have members of their own. A name
// that is similar to no known member gives no warning.
void warn_of_slips(const Node& request, std::vector<std::string>& warnings);

// The known member that `name` was probably meant to be; empty if `name` is known itself, or
// similar to none.
std::string_view member_meant_by(std::string_view name);

}  // namespace skein::config
