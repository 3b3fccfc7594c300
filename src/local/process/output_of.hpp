// What a short command prints.
#pragma once
#include <skein/time.hpp>

#include <optional>
#include <string>
#include <vector>

namespace skein::local {

// How a command ended.
struct Printed {
    std::string output{};  // Its standard output, at most `most_printed` and one byte more.
    std::string errors{};  // The end of its standard error.
    std::optional<std::string> failure{};  // Why it is no success: `exit status 1`.
};

inline constexpr std::size_t most_printed = 16 * 1024;

// Runs a program with our environment, in a session of its own and without input, and waits until
// it has ended, `patience` is over or `stop` is readable; then it and all of its session are
// killed. It dies with the calling thread, also when this process is killed. -1: there is no
// `stop`.
Printed output_of(const std::vector<std::string>& command, Duration patience, int stop);

}  // namespace skein::local
