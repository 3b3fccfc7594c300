// Reads an answer that comes as one JSON object.
#pragma once
#include "dialect/openai/paths.hpp"
#include "dialect/openai/reading.hpp"

#include <cstddef>
#include <string>

namespace skein {

// The body of an answer whose status says that it went well. Text that is not UTF-8 is mended; the
// completion's body is the server's own JSON, on one line. Where it is refused, `text` stays, so
// that it can be kept.
//
// An answer without one part for each input is refused; fewer choices than were asked for are
// noted.
Reading read_plain_answer(std::string& text, Ask ask, std::size_t depth, const Wanted& wanted = {});

}  // namespace skein
