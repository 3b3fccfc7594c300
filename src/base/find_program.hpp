// Where a program is that is called by its name.
#pragma once
#include <string>

namespace skein {

// The first of the folders of PATH that holds a program of this name, absolute; a name with a slash
// is looked at where it is. Empty: there is none that could be run.
std::string find_program(const std::string& name);

}  // namespace skein
