// A request, as far as the server cares to read it.
#pragma once
#include <cstddef>
#include <string_view>

namespace skein::bench {

struct Question {
    enum class State : unsigned char { incomplete, complete, nonsense };

    State state = State::incomplete;
    std::size_t bytes = 0;  // Head and body, of a complete one.
    std::string_view body{};
    bool http_1_0 = false;
    bool keep_alive = true;
    bool wants_continue = false;  // It waits for a word of ours before it sends its body.
};

// The first request in these bytes.
Question read_question(std::string_view bytes);

// Does it ask for a stream? Looks at both ends of a long body, for the prompt is in the middle.
bool asks_for_stream(std::string_view body);

}  // namespace skein::bench
