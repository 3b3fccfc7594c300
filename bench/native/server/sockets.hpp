// The system calls around the server: its listening socket, its end, its limits.
#pragma once
#include <chrono>
#include <cstdint>

namespace skein::bench {

// Exits with status 1 and the system's reason if it is not so.
void require(bool fine, const char* what);

// Listens on 127.0.0.1, at a port of the system's choice, and does not block.
int listen_on_loopback();
std::uint16_t port_of(int listener);

// Readable once SIGTERM or SIGINT has come.
int signals_of_ending();

// Readable from a moment of the monotonic clock on. The timeouts of `epoll_wait` would do but for
// their slack, which is a thousandth of the wait.
int make_alarm();
void ring_at(int alarm, std::chrono::nanoseconds moment);

// As many descriptors as we may have.
void raise_limits();

double cpu_seconds();

}  // namespace skein::bench
