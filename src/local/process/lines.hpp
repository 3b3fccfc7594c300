// What a program writes, line by line, in little memory however long its lines are.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace skein::local {

// A carriage return ends a line too, or a progress bar would be one long line. Of a line that is
// too long the beginning is told, empty ones are not.
class Lines {
public:
    static constexpr std::size_t longest = 4096;

    // `tell(line)` for each that is complete.
    template <class Tell>
    void add(std::string_view bytes, Tell tell) {
        while (!bytes.empty()) {
            const auto end = std::min(bytes.find_first_of("\r\n"), bytes.size());
            line_ += bytes.substr(0, std::min(end, longest - line_.size()));
            if (end == bytes.size()) return;
            finish(tell);
            bytes.remove_prefix(end + 1);
        }
    }

    // The last one may have no end.
    template <class Tell>
    void finish(Tell tell) {
        if (!line_.empty()) tell(std::string_view{line_});
        line_.clear();
    }

private:
    std::string line_;
};

}  // namespace skein::local
