// Writes the object that the server would have sent, had it not been asked to stream.
#pragma once
#include "dialect/openai/streamed_answer.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace skein {

// One object on one line, with all members that came.
std::string streamed_body(
    Ask ask, const Merged& chunk, const std::map<std::int64_t, StreamedChoice>& choices
);

}  // namespace skein
