// Where the requests go, and the head that all of them share.
#pragma once
#include "../arguments.hpp"

#include <cstddef>
#include <string>

namespace skein::bench {

struct Target {
    bool tls = false;
    std::string host{};
    std::string port{};
    std::string head{};
};

// Refuses a URL that is not `http[s]://host:port/path`.
inline Target target_of(const Arguments& arguments, std::size_t body_bytes) {
    Target target{.tls = arguments.url.starts_with("https://")};
    const auto address = arguments.url.substr(target.tls ? 8 : 7);
    const auto slash = address.find('/');
    const auto place = address.substr(0, slash);
    const auto colon = place.find(':');
    if (slash == address.npos || colon == place.npos) refuse("URL cannot be " + arguments.url);
    target.host = place.substr(0, colon);
    target.port = place.substr(colon + 1);
    target.head = "POST " + address.substr(slash) + " HTTP/1.1\r\nhost: " + place +
                  "\r\naccept: */*\r\ncontent-type: application/json\r\n"
                  "authorization: Bearer CANARY-key\r\ncontent-length: " +
                  std::to_string(body_bytes) + "\r\n\r\n";
    return target;
}

}  // namespace skein::bench
