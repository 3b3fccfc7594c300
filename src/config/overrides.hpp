// What was said outside the job file goes over what stands in it.
#pragma once
#include "config/tree.hpp"

#include <skein/job.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

// Puts one value into the tree, or over what is there. Whether the key exists is found out where
// all keys are: when the tree is read.
Complaint apply_override(Node& root, const Override& override);

// `limits.in_flight` is `SKEIN_LIMITS_IN_FLIGHT`; what an environment cannot spell becomes `_`.
std::string variable_for(std::string_view key);

// Puts in the value of every `SKEIN_…` variable that names a key, but `version`. A variable that
// begins like a section and names no key adds a warning: it was meant to do something.
Complaint apply_environment(Node& root, std::vector<std::string>& warnings);

}  // namespace skein::config
