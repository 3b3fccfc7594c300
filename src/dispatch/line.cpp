#include "dispatch/line.hpp"

#include <utility>

namespace skein {

Line::Line() {
    rows_.push_back({Kind{}, Requests{nodes_.get()}});
    rows_.push_back({Kind{.pays = true}, Requests{nodes_.get()}});
}

// The row of this kind; a row that has become empty is used for another kind. So there are never
// more rows than kinds that wait at the same time.
Line::Requests& Line::choosy_row(const Kind& kind) {
    Row* unused = nullptr;
    for (std::size_t i = 2; i < rows_.size(); ++i) {
        if (rows_[i].kind == kind) return rows_[i].waiting;
        if (rows_[i].waiting.empty()) unused = &rows_[i];
    }
    if (!unused) {
        return rows_.emplace_back(Row{kind, Requests{nodes_.get()}}).waiting;
    }
    unused->kind = kind;
    return unused->waiting;
}

// Insertion sort, because mostly only one row is not empty.
std::span<const Waiting* const> Line::heads() const {
    heads_.clear();
    for (const auto& row : rows_) {
        if (row.waiting.empty()) continue;
        const auto* who = &row.waiting.begin()->second;
        heads_.push_back(who);
        for (auto at = heads_.size() - 1; at > 0 && who->seq < heads_[at - 1]->seq; --at) {
            std::swap(heads_[at], heads_[at - 1]);
        }
    }
    return heads_;
}

}  // namespace skein
