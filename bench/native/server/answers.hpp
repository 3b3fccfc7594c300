// What the server says, put together once: bytes as they go on the wire.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skein::bench {

// What becomes of the connection after an answer. HTTP/1.0 wants to be told that it stays.
enum class After : unsigned char { stays, stays_and_says_so, closes };

class Answers {
public:
    Answers(std::size_t body_bytes, std::size_t chunks);

    std::string_view plain(After after) const { return plain_[static_cast<std::size_t>(after)]; }

    // A stream is its head, then its events one after the other.
    std::string_view stream_head(After after) const {
        return heads_[static_cast<std::size_t>(after)];
    }
    std::size_t events() const { return events_.size(); }
    std::string_view event(std::size_t number) const { return events_[number]; }

private:
    std::array<std::string, 3> plain_;
    std::array<std::string, 3> heads_;
    std::vector<std::string> events_;
};

}  // namespace skein::bench
