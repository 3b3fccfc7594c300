#include "dispatch/line.hpp"

#include <utility>

namespace skein {

std::array<const Waiting*, 2> Line::heads() const {
    const auto head = [](const Row& row) { return row.empty() ? nullptr : &row.begin()->second; };
    std::array<const Waiting*, 2> heads{head(free_), head(paying_)};
    const bool is_turned = !heads[0] || (heads[1] && heads[1]->seq < heads[0]->seq);
    if (is_turned) std::swap(heads[0], heads[1]);
    return heads;
}

// Asked only while an endpoint waits to be probed, which happens every few seconds.
const Waiting* Line::to_probe(TimePoint now) const {
    if (!free_.empty()) return &free_.begin()->second;
    const Waiting* least = nullptr;
    for (const auto& [seq, who] : paying_) {
        if (who.latest <= now) continue;
        if (!least || who.tries < least->tries) least = &who;
    }
    return least;
}

}  // namespace skein
