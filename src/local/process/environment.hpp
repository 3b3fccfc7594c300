#pragma once
#include <string>
#include <vector>

namespace skein::local {

// What of our environment a worker gets, as `NAME=value`: what programs need to run and CUDA to be
// found, and what is named besides. Nothing that looks like a key, unless it is named.
std::vector<std::string> inherited_environment(const std::vector<std::string>& named);

// In place of what is there of this name: of two the first would count.
void set_variable(
    std::vector<std::string>& environment, const std::string& name, const std::string& value
);

}  // namespace skein::local
