#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace skein::app {

// One line of text as lines of at most `width` columns, each with a line end: broken at spaces, and
// what goes on begins with `indent` spaces. A word that is longer than a line stands on its own.
// A width of 0: one line.
std::string wrapped(std::string_view line, std::size_t indent, std::size_t width);

// Columns of a UTF-8 text, one for each character.
std::size_t columns_of(std::string_view text);

}  // namespace skein::app
