// Writes the result of a command to standard output.
#pragma once
#include <string_view>

namespace skein::app {

// Returns the exit status; a closed output is a failure.
int print_result(std::string_view text);

}  // namespace skein::app
