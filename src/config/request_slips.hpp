// Members of `request:` that are probably misspelt.
#pragma once
#include "config/tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

// One warning for each member that is nearly, and not quite, one that an API is known to have, such
// as `temprature`. It is sent all the same: servers have members of their own, and what is near to
// nothing passes without a word. One as well for what belongs to a client (`extra_body`, `timeout`)
// or to another API (`system`), which no server with this one reads.
void warn_of_slips(const Node& request, std::vector<std::string>& warnings);

// The known member of a request that `name` nearly is; empty, if it is one, or near to none.
std::string_view member_meant_by(std::string_view name);

}  // namespace skein::config
