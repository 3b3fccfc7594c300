// What the reader of an answer wants of the transfer that feeds it.
#pragma once
#include <cstdint>

namespace skein {

enum class ReadState : std::uint8_t {
    more,      // More bytes may come.
    enough,    // The answer is complete: more bytes would change nothing. The transfer may be given
               // a moment to end by itself, because its connection can then be used again.
    too_much,  // The answer passed a limit: end the transfer.
    later,     // Not taken: give the same bytes again after a resume. Until then nothing arrives.
};

}  // namespace skein
