// What the `finish_reason` of an answer says: is the answer whole?
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace skein {

enum class End : std::uint8_t {
    whole,       // The model stopped, or a limit that the request set or the model has.
    none,        // No end: the answer goes on.
    broken_off,  // The server stopped. What came is a part of the answer.
    unknown,     // No such word is known. The answer is kept, with a note.
};

struct EndWord {
    std::string_view word;
    End end;
    std::string_view source;  // Who sends it.
};

// All words that are known, in small letters.
std::span<const EndWord> all_ends();

// Case does not count.
End end_of(std::string_view finish_reason);

}  // namespace skein
