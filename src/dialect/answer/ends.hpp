// Classifies `finish_reason`: is the answer complete?
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace skein {

enum class End : std::uint8_t {
    whole,       // Complete: the model stopped, or a token limit was reached.
    none,        // No end yet: the answer goes on.
    broken_off,  // The server aborted: only a part of the answer has come.
    unknown,     // Unknown word. The answer is kept, with a note.
};

struct EndWord {
    std::string_view word;
    End end;
    std::string_view source;  // The servers that send it.
};

// All known words, in lower case.
std::span<const EndWord> all_ends();

// Case-insensitive.
End end_of(std::string_view finish_reason);

}  // namespace skein
