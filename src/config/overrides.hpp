// Overrides of job file values, by command line options and environment variables.
#pragma once
#include "config/tree.hpp"

#include <skein/job.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

// Inserts one value into the tree, or replaces the value there. Does not check whether the key
// exists; `read_section` does that for all keys.
Complaint apply_override(Node& root, const Override& override);

// The environment variable for a key: `limits.in_flight` is `SKEIN_LIMITS_IN_FLIGHT`. Characters
// other than letters and digits become `_`.
std::string variable_for(std::string_view key);

// Applies every `SKEIN_…` variable that names a key, except `version`. A variable that begins like
// a section but names no key gives a warning, because it is probably misspelt.
Complaint apply_environment(Node& root, std::vector<std::string>& warnings);

}  // namespace skein::config
