// Lines of JSON as a stream (ndjson).
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace skein {

// Cuts bytes into lines. The lines do not depend on how the bytes were cut into pieces; blank lines
// are left out. The time is linear in the bytes, and at most one line is kept.
class JsonLines {
public:
    explicit JsonLines(std::size_t max_line) : max_line_{max_line} {}

    // Calls `on_line` for each line that these bytes complete. False: a line passed the limit; then
    // no more lines come.
    template <class OnLine>
    bool feed(std::string_view bytes, OnLine&& on_line) {
        while (is_good_ && !bytes.empty()) {
            const auto end = std::min(bytes.find('\n'), bytes.size());
            is_good_ = end <= max_line_ - line_.size();
            if (!is_good_) break;
            const bool is_whole = end < bytes.size();
            auto line = bytes.substr(0, end);
            if (!line_.empty() || !is_whole) line = line_ += line;
            bytes.remove_prefix(std::min(end + 1, bytes.size()));
            if (!is_whole) break;
            if (line.find_first_not_of(" \t\r") != line.npos) on_line(line);
            line_.clear();
        }
        return is_good_;
    }

    // The bytes behind the last line end. A server may leave out the last one.
    std::string_view rest() const { return line_; }

private:
    std::size_t max_line_;
    bool is_good_ = true;
    std::string line_{};  // The beginning of an incomplete line.
};

}  // namespace skein
