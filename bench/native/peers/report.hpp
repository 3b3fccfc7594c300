// What a peer says at its end: one line of JSON.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdio>

namespace skein::bench {

struct Report {
    std::size_t requests = 0;  // Ended, one way or the other.
    std::size_t failed = 0;
    std::size_t chunks = 0;  // Of streams, where they are parsed.
    std::size_t bytes = 0;   // Of bodies.
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

    // Prints the line and gives the exit status.
    int tell() const {
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        std::printf(
            "{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"chunks\":%zu,\"bytes\":%zu}\n",
            requests,
            failed,
            took.count(),
            chunks,
            bytes
        );
        return failed == 0 ? 0 : 1;
    }
};

}  // namespace skein::bench
