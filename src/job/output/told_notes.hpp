// Which notes of answers have been told already: thousands of answers may have the same one.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

class ToldNotes {
public:
    // True for a note that is neither empty nor told before. After a number of different ones no
    // more are told, because a server could make up a new one for each answer.
    bool is_new(std::string_view note) {
        constexpr std::size_t max_told = 16;
        if (note.empty() || told_.size() == max_told) return false;
        if (std::ranges::find(told_, note) != told_.end()) return false;
        told_.emplace_back(note);
        return true;
    }

private:
    std::vector<std::string> told_;
};

}  // namespace skein::job
