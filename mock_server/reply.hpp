// An HTTP reply as data, and the script that sends it: the bytes, their times, and the ending.
#pragma once
#include "mock_server/answer.hpp"
#include "mock_server/api.hpp"
#include "mock_server/weather.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace skein::mock {

// A part of a body, and its pause after the part before it.
struct Piece {
    Duration wait{};
    std::string text{};
    Frame::Kind kind = Frame::Kind::opening;
};

struct Reply {
    Api api = Api::openai;  // Whose answer it is: a fault of it has that form, too.
    int status = 200;
    HeaderLines headers{};
    std::vector<Piece> pieces{};
    bool chunked = false;                    // A stream; or else one body of known length.
    std::optional<std::size_t> announced{};  // The length that is said, if it is not the true one.
};

Reply plain_reply(int status, std::string body, std::string_view type = "application/json");

// Waits, then writes `bytes`, `times` times.
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

// `close`: announced in the head, and done at the end.
Script script_of(Reply reply, bool close);

// Shortens the script to its first `bytes` bytes. The ending stays. Every step must have `times` 1.
void cut(Script& script, std::size_t bytes);

// Sends the bytes from `from` to `to` in portions of `bytes`, one each `interval`. Every step must
// have `times` 1.
void slow_down(
    Script& script, std::size_t from, std::size_t to, std::size_t bytes, Duration interval
);

}  // namespace skein::mock
