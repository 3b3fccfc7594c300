#pragma once
#include <string>
#include <vector>

namespace skein::local {

// The environment of a worker, as `NAME=value`: an allow-list of variables that programs and CUDA
// need, and the variables in `named`. A variable whose name looks like a secret is passed on only
// if it is in `named`.
std::vector<std::string> inherited_environment(const std::vector<std::string>& named);

// Sets a variable and removes an older entry of the same name, because programs take the first of
// two.
void set_variable(
    std::vector<std::string>& environment, const std::string& name, const std::string& value
);

}  // namespace skein::local
