// Remembers which notes of answers were logged already, because thousands of answers may carry the
// same note.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

class ToldNotes {
public:
    // True for a note that is not empty and was not logged before. At most 16 different notes are
    // logged, because a server could invent a new note for each answer.
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
