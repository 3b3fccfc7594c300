// Finds listening ports, so that skein never sends a request to a port that another process owns.
#pragma once
#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace skein::local {

// The TCP ports on which a process or one of its descendants accepts connections to loopback.
std::vector<std::uint16_t> ports_of(pid_t ancestor);

// A port that is free at this moment; 0 if there is none. Another process may take it before it is
// used, so the owner must be checked afterwards (`ports_of`).
std::uint16_t free_port();

}  // namespace skein::local
