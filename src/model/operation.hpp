// What a request asks for, whatever the API and its paths.
#pragma once
#include <cstdint>

namespace skein {

enum class Operation : std::uint8_t {
    chat,        // Messages, answered by a message.
    completion,  // A prompt, answered by text.
    embedding,   // Texts, answered by vectors.
    other,       // Not understood: the body goes out, and the answer is given back, as they come.
};

}  // namespace skein
