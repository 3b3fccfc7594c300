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

}  // namespace skein
