// skein-bench-server: answers at once, or late, or in a stream, and always with the same words.
#include "options.hpp"
#include "server.hpp"
#include "sockets.hpp"

#include <cstdio>

int main(int count, char** words) {
    using namespace skein::bench;
    const auto options = read_options(count, words);
    raise_limits();
    Server server{options};
    std::printf("port %u\n", static_cast<unsigned>(server.port()));
    std::fflush(stdout);
    server.run();

    const auto& totals = server.totals();
    std::printf(
        "{\"requests\":%zu,\"connections\":%zu,\"most_in_flight\":%zu,\"most_connections\":%zu,"
        "\"cpu_seconds\":%.6f}\n",
        totals.requests,
        totals.connections,
        totals.max_in_flight,
        totals.max_connections,
        cpu_seconds()
    );
}
