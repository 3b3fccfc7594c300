// The parts of a request that the mock server uses.
#pragma once
#include <boost/beast/http/message.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace skein::mock {

struct Incoming {
    std::string method{};
    std::string path{};     // Without what comes after `?`.
    std::string request{};  // Its id: x-skein-request, or else x-request-id.
    std::uint32_t attempt = 1;
    std::string token{};  // Of x-mock-token.
    bool has_key = false;
    bool keep_alive = true;
    std::size_t index = 0;  // How many requests the connection served before.
    std::string body{};
};

// All but the body, and whether the connection is kept.
Incoming incoming_of(const boost::beast::http::request_header<>& head, std::size_t index);

}  // namespace skein::mock
