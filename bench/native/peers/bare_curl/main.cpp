// The yardstick: libcurl's multi interface with its own epoll loop, and nothing else. The same
// transfers as skein's, their answers read into memory (streams: only counted), nothing parsed.
#include "client.hpp"

int main(int count, char** words) {
    using namespace skein::bench;
    const auto arguments = read_arguments(count, words);
    raise_descriptor_limit();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return Client{arguments}.run();
}
