#include "report/wrap.hpp"

#include <algorithm>

namespace skein::report {

std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    }));
}

std::string wrapped(std::string_view line, std::size_t indent, std::size_t width) {
    std::string text;
    std::size_t column = 0;
    bool is_begun = false;  // The present line has a word.
    while (!line.empty()) {
        const auto spaces = std::min(line.find_first_not_of(' '), line.size());
        const auto end = std::min(line.find(' ', spaces), line.size());
        const auto word = line.substr(spaces, end - spaces);
        const auto columns = columns_of(word);
        if (width > 0 && is_begun && column + spaces + columns > width) {
            text.append("\n").append(indent, ' ');
            column = indent;
        } else {
            text.append(spaces, ' ');
            column += spaces;
        }
        text += word;
        column += columns;
        is_begun = true;
        line.remove_prefix(end);
    }
    return text += '\n';
}

}  // namespace skein::report
