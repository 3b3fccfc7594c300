// An HTTP reply before it is bytes, and the script that sends them: what, when, and how it ends.
#pragma once
#include "mock_server/answer.hpp"
#include "mock_server/weather.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace skein::mock {

// A part of a body, and how long after the part before it comes.
struct Piece {
    Duration wait{};
    std::string text{};
    Frame::Kind kind = Frame::Kind::opening;
};

struct Reply {
    int status = 200;
    HeaderLines headers{};
    std::vector<Piece> pieces{};
    bool chunked = false;                    // A stream; or else one body of known length.
    std::optional<std::size_t> announced{};  // The length that is said, if it is not the true one.
};

Reply plain_reply(int status, std::string body, std::string_view type = "application/json");

// Waits, then writes `bytes` so many times.
struct Step {
    Duration wait{};
    std::string bytes{};
    std::size_t times = 1;
};

enum class Ending {
    keep,   // The connection serves the next request.
    close,  // It is closed in order.
    reset,  // It is closed at once, and the client is told of a broken connection.
    stall,  // Nothing more is sent, until the client leaves.
};

struct Script {
    std::vector<Step> steps{};
    Ending ending = Ending::keep;
    std::size_t head = 0;  // How many bytes of the first step are the head.
};

// `close`: say so in the head, and do so at the end.
Script script_of(Reply reply, bool close);

// Sends the first `bytes` of what the script sends, and no more. The ending stays.
void cut(Script& script, std::size_t bytes);

// Sends the bytes of the script from `from` up to `to` by `bytes` each `interval`.
void slow_down(
    Script& script, std::size_t from, std::size_t to, std::size_t bytes, Duration interval
);

}  // namespace skein::mock
