// Runs a short command and returns its output.
#pragma once
#include <skein/time.hpp>

#include <optional>
#include <string>
#include <vector>

namespace skein::local {

// How a command ended.
struct Printed {
    std::string output{};  // Standard output, at most `max_printed` bytes and one more.
    std::string errors{};  // The end of standard error.
    std::optional<std::string> failure{};  // Why it failed: `exit status 1`.
};

inline constexpr std::size_t max_printed = 16 * 1024;

// Runs a program with our environment, in its own session and without input. Blocks until it has
// ended, `patience` is over, or the descriptor `stop` is readable (-1: none). Its whole session is
// killed afterwards. The kernel also kills the program when the calling thread ends or this process
// is killed.
Printed output_of(const std::vector<std::string>& command, Duration patience, int stop);

}  // namespace skein::local
