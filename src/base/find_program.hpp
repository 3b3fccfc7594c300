// Look-up of an executable file by name, as a shell does it.
#pragma once
#include <string>

namespace skein {

// The absolute path of the first executable file with this name in the folders of PATH. A name with
// a slash is taken as a path. Empty if there is no executable file.
std::string find_program(const std::string& name);

}  // namespace skein
