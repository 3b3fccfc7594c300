#include "job/journal/row_table.hpp"

#include <algorithm>

namespace skein::job {

void RowTable::sort() {
    std::ranges::sort(rows_);
    rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
}

// Rows with the same hash are taken from the front. Taken rows therefore come before the others, so
// that a binary search can skip them.
std::optional<std::uint64_t> RowTable::take(std::uint64_t hash) {
    const auto at = std::ranges::partition_point(rows_, [hash](const Row& row) {
        return row.hash < hash || (row.hash == hash && (row.number & taken) != 0);
    });
    if (at == rows_.end() || at->hash != hash) return std::nullopt;
    const auto number = at->number;
    at->number |= taken;
    return number;
}

std::vector<std::uint64_t> RowTable::not_taken() const {
    std::vector<std::uint64_t> numbers;
    for (const auto& row : rows_) {
        if ((row.number & taken) == 0) numbers.push_back(row.number);
    }
    std::ranges::sort(numbers);
    return numbers;
}

void RowTable::keep_taken() {
    std::erase_if(rows_, [](const Row& row) { return (row.number & taken) == 0; });
    for (auto& row : rows_) row.number &= ~taken;
}

}  // namespace skein::job
