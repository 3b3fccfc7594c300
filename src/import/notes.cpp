#include "import/notes.hpp"

#include "json/text.hpp"

#include <algorithm>

namespace skein::litellm {

void Notes::add(const config::Place& at, std::string what) {
    if (notes_.size() == max_notes) {
        ++dropped_;
        return;
    }
    notes_.emplace_back(at.offset, Note{at.text(), json::printable(what, 600)});
}

std::vector<Note> Notes::take() {
    std::ranges::stable_sort(notes_, {}, [](const auto& note) { return note.first; });
    std::vector<Note> notes;
    for (auto& [offset, note] : notes_) notes.push_back(std::move(note));
    if (dropped_ > 0) notes.push_back({{}, "and " + std::to_string(dropped_) + " more"});
    return notes;
}

}  // namespace skein::litellm
