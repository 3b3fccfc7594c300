// Parser for an answer that is one JSON object (not a stream).
#pragma once
#include "dialect/answer/reading.hpp"
#include "model/operation.hpp"

#include <cstddef>
#include <string>

namespace skein {

// Reads the body of an answer with a successful status. Invalid UTF-8 is repaired. The completion's
// body is the server's JSON on one line. If the answer is refused, `text` is unchanged, so that it
// can be kept in the fault.
//
// An answer with fewer parts than inputs is refused. Fewer choices than requested only add a note.
Reading read_plain_answer(
    std::string& text, Operation operation, std::size_t depth, const Wanted& wanted = {}
);

}  // namespace skein
