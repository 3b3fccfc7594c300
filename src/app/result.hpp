// What a command was asked for, on standard output.
#pragma once
#include <string_view>

namespace skein::app {

// The exit status: a closed output is a failure.
int print_result(std::string_view text);

}  // namespace skein::app
