// Writes a streamed answer as the JSON object of a plain answer.
#pragma once
#include "dialect/answer/streamed_answer.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace skein {

// One JSON object on one line, with all received members.
std::string streamed_body(
    Operation operation, const Merged& chunk, const std::map<std::int64_t, StreamedChoice>& choices
);

}  // namespace skein
