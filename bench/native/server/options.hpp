// The command line of the canned server.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace skein::bench {

struct Options {
    std::size_t answer = 700;             // Bytes of an answer's body.
    std::chrono::nanoseconds latency{0};  // From a request read whole to its answer.
    std::chrono::nanoseconds first{-1};   // The same of the very first. Below zero: as all.
    std::size_t stream = 0;               // Chunks with content. 0: never a stream.
    std::chrono::nanoseconds chunk_every{0};
    std::size_t close_after = 0;  // Requests on one connection. 0: never.
    std::string certificate{};    // Empty: no TLS.
    std::string key{};
};

// Prints the usage and exits with status 2 if it makes no sense.
Options read_options(int count, char** words);

}  // namespace skein::bench
