#pragma once
#include "job/place.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace skein::job {

// What the journal knows of each line of the input. Costs 16 bytes for every line up to the last
// one known, in pages of 1 MB.
class Index {
public:
    // Of two replies to one line the first success counts, else the last failure.
    void add(std::uint64_t line, Place place);

    std::optional<Place> find(std::uint64_t line) const;

    std::uint64_t size() const { return size_; }          // Lines that are known.
    std::uint64_t failed() const { return failed_; }      // Of these, with a failure.
    std::uint64_t repeated() const { return repeated_; }  // Replies to a line known before.

private:
    static constexpr std::size_t page_lines = 65'536;
    using Page = std::array<Place, page_lines>;

    std::vector<std::unique_ptr<Page>> pages_;
    std::uint64_t size_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t repeated_ = 0;
};

}  // namespace skein::job
