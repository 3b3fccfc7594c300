// Splits the output of a program into lines, with bounded memory.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace skein::local {

// A carriage return also ends a line, because a progress bar would otherwise be one endless line. A
// line that is too long is cut to its beginning. Empty lines are dropped.
class Lines {
public:
    static constexpr std::size_t max_length = 4096;

    // Calls `tell(line)` for each complete line.
    template <class Tell>
    void add(std::string_view bytes, Tell tell) {
        while (!bytes.empty()) {
            const auto end = std::min(bytes.find_first_of("\r\n"), bytes.size());
            line_ += bytes.substr(0, std::min(end, max_length - line_.size()));
            if (end == bytes.size()) return;
            finish(tell);
            bytes.remove_prefix(end + 1);
        }
    }

    // Calls `tell(line)` for a last line without an end.
    template <class Tell>
    void finish(Tell tell) {
        if (!line_.empty()) tell(std::string_view{line_});
        line_.clear();
    }

private:
    std::string line_;
};

}  // namespace skein::local
