#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace skein::job {

// A lookup table from the hash of a row's content to its number in the journal, so that a row is
// found again after it has moved in the input.
//
// A multiset: two rows with the same content are two entries, and the first lookup gets the lower
// number. A sorted array with 16 bytes for each reply; a lookup is a binary search.
class RowTable {
public:
    // `number` is at most `last_line`. A pair that is added twice counts once.
    void add(std::uint64_t hash, std::uint64_t number) { rows_.push_back({hash, number}); }

    bool is_empty() const { return rows_.empty(); }

    // After the last `add`, before the first `take`.
    void sort();

    // Takes the first row with this hash that is not taken yet and returns its number.
    std::optional<std::uint64_t> take(std::uint64_t hash);

    // The numbers of rows that are not taken, in ascending order.
    std::vector<std::uint64_t> not_taken() const;

    // Drops the rows that are not taken. The others become free to be taken again.
    void keep_taken();

private:
    struct Row {
        std::uint64_t hash = 0;
        std::uint64_t number = 0;  // The bit `taken` is set if the row is taken.

        auto operator<=>(const Row&) const = default;
    };
    static constexpr std::uint64_t taken = std::uint64_t{1} << 63;

    std::vector<Row> rows_;
};

}  // namespace skein::job
