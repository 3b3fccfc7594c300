// The last log lines of a worker, for the message that explains its death. Bounded memory.
#pragma once
#include "json/text.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace skein::local {

class LogTail {
public:
    static constexpr std::size_t max_lines = 20;
    static constexpr std::size_t max_bytes = 16 * 1024;

    void add(std::string_view line) {
        lines_.emplace_back(line.substr(0, max_bytes));
        bytes_ += lines_.back().size();
        while (lines_.size() > max_lines || bytes_ > max_bytes) {
            bytes_ -= lines_.front().size();
            lines_.pop_front();
        }
    }

    void clear() {
        lines_.clear();
        bytes_ = 0;
    }

    bool empty() const { return lines_.empty(); }

    // The lines, oldest first, each with `indent` before and a line feed after it. Control
    // characters are made harmless, because the text is foreign.
    std::string text(std::string_view indent = {}) const {
        std::string text;
        for (const auto& line : lines_) {
            text += indent;
            text += json::printable(line);
            text += '\n';
        }
        return text;
    }

private:
    std::deque<std::string> lines_;
    std::size_t bytes_ = 0;
};

}  // namespace skein::local
