#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace skein::report {

// Wraps a line at spaces to at most `width` columns. Each resulting line ends with a line feed, and
// continuation lines begin with `indent` spaces. A word that is longer than a line gets a line of
// its own. A width of 0 does not wrap.
std::string wrapped(std::string_view line, std::size_t indent, std::size_t width);

// Columns of a UTF-8 text, counted as one for each code point.
std::size_t columns_of(std::string_view text);

}  // namespace skein::report
