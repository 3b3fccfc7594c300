#include "dispatch/line.hpp"

namespace skein {
namespace {

// Orders by number; null sorts last.
bool is_before(const Waiting* one, const Waiting* other) {
    return one && (!other || one->seq < other->seq);
}

}  // namespace

// Insertion sort, because mostly only one row is not empty.
Line::Heads Line::heads() const {
    Heads heads{};
    std::size_t count = 0;
    for (const auto& row : rows_) {
        if (row.empty()) continue;
        const auto* who = &row.begin()->second;
        auto place = count++;
        for (; place > 0 && who->seq < heads[place - 1]->seq; --place) {
            heads[place] = heads[place - 1];
        }
        heads[place] = who;
    }
    return heads;
}

const Waiting* Line::oldest_not_local() const {
    const auto head = [](const Row& row) { return row.empty() ? nullptr : &row.begin()->second; };
    const auto* one = head(rows_[free + not_local]);
    const auto* other = head(rows_[paying + not_local]);
    return is_before(one, other) ? one : other;
}

}  // namespace skein
