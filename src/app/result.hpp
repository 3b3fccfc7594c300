// What a command prints at its end.
#pragma once
#include "app/terminal.hpp"

#include <string_view>

namespace skein::app {

// Writes the result of a command to standard output. Returns the exit status; a closed output is a
// failure.
int print_result(std::string_view text);

// Says on standard error what is wrong. Returns the exit status of a wrong usage.
int complain(Terminal& terminal, std::string_view what);

}  // namespace skein::app
