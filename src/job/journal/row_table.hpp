#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace skein::job {

// The rows of a journal by their content: finds a row again, wherever it stands in the input now.
//
// A multiset: two rows with the same content are two rows, and the first one that is looked up gets
// the lower number. Costs 16 bytes a reply. A look-up is a binary search.
class RowTable {
public:
    // `number` is at most `last_line`. One that is added twice counts once.
    void add(std::uint64_t hash, std::uint64_t number) { rows_.push_back({hash, number}); }

    bool is_empty() const { return rows_.empty(); }

    // After the last `add`, before the first `take`.
    void sort();

    // The number of the first row with this hash that was not taken yet, and takes it.
    std::optional<std::uint64_t> take(std::uint64_t hash);

    // Rows that nobody took, in the order of their numbers.
    std::vector<std::uint64_t> not_taken() const;

    // Drops the rows that nobody took, and gives back all others.
    void keep_taken();

private:
    struct Row {
        std::uint64_t hash = 0;
        std::uint64_t number = 0;  // With `taken`, if it is.

        auto operator<=>(const Row&) const = default;
    };
    static constexpr std::uint64_t taken = std::uint64_t{1} << 63;

    std::vector<Row> rows_;
};

}  // namespace skein::job
