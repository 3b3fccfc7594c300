// Who listens where: a worker's port is only believed to be the worker's if it is.
#pragma once
#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace skein::local {

// The TCP ports on which a process, or any that it has started, accepts connections to loopback.
std::vector<std::uint16_t> ports_of(pid_t ancestor);

// One that nobody listens at now. Another may take it before it is used, so it is asked afterwards
// who has it. 0: there is none.
std::uint16_t free_port();

}  // namespace skein::local
