// The command line that all peers share:
//   PEER URL REQUESTS IN_FLIGHT [--prompt BYTES] [--stream] [--handles N] [--cacert FILE]
//        [--eager]
#pragma once
#include <cstddef>
#include <optional>
#include <string>

namespace skein::bench {

struct Arguments {
    std::string url{};
    std::size_t requests = 0;
    std::size_t in_flight = 0;
    std::size_t prompt = 600;  // Bytes of a question's content.
    bool stream = false;
    std::optional<std::size_t> handles{};  // Multi handles; of skein, wire threads.
    std::string ca_file{};                 // Empty: the system's.
    bool eager = false;  // Of bare_curl: a socket leaves the epoll set at libcurl's word.
};

// Prints the usage and exits with status 2 if it makes no sense.
Arguments read_arguments(int count, char** words);

// The same, for a peer whose arguments were fine and who cannot do this.
[[noreturn]] void refuse(const std::string& what);

// As many descriptors as we may have.
void raise_descriptor_limit();

}  // namespace skein::bench
