// The parts of a request that the mock server uses.
#pragma once
#include <boost/beast/http/message.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace skein::mock {

struct Incoming {
    std::string method{};
    std::string path{};     // Without what comes after `?`,
    std::string query{};    // and that.
    std::string request{};  // Its id: x-skein-request, or else x-request-id.
    std::uint32_t attempt = 1;
    std::string token{};         // Of x-mock-token.
    std::string version{};       // Of anthropic-version.
    std::string key{};           // What came in one of these:
    bool has_key = false;        // a bearer,
    bool has_x_api_key = false;  // or in x-api-key,
    bool has_goog_key = false;   // or in x-goog-api-key.
    bool keep_alive = true;
    std::size_t index = 0;  // How many requests the connection served before.
    std::string body{};
    // When it came, by the clock on the wall: Anthropic tells the moments of its limits by it.
    std::chrono::system_clock::time_point wall{};
};

// All but the body, and whether the connection is kept.
Incoming incoming_of(const boost::beast::http::request_header<>& head, std::size_t index);

}  // namespace skein::mock
