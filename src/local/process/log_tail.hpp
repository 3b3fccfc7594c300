// The last that a worker said, for whoever wants to know why it is gone.
#pragma once
#include "json/text.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace skein::local {

class LogTail {
public:
    static constexpr std::size_t most_lines = 20;
    static constexpr std::size_t most_bytes = 16 * 1024;

    void add(std::string_view line) {
        lines_.emplace_back(line.substr(0, most_bytes));
        bytes_ += lines_.back().size();
        while (lines_.size() > most_lines || bytes_ > most_bytes) {
            bytes_ -= lines_.front().size();
            lines_.pop_front();
        }
    }

    void clear() {
        lines_.clear();
        bytes_ = 0;
    }

    bool empty() const { return lines_.empty(); }

    // The oldest first, each with `indent` before it and a line end after it. Foreign text, made
    // fit to be shown.
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
