#pragma once
#include "job/journal/record_ref.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace skein::job {

// What the journal knows of each row, by the row's number. Costs 16 bytes for every number up to
// the last one known, in pages of 1 MB.
class Index {
public:
    // Of two replies to one row the newest success counts, else the last failure: an answer is
    // replaced by a newer answer, and never by a failure.
    void add(std::uint64_t number, RecordRef place);

    std::optional<RecordRef> find(std::uint64_t number) const;

    // The row is not in the input any more.
    void forget(std::uint64_t number);

    std::uint64_t size() const { return size_; }      // Rows that are known.
    std::uint64_t failed() const { return failed_; }  // Of these, with a failure.
    std::uint64_t again() const { return again_; }    // Of these, to be asked again.
    std::uint64_t last() const { return last_; }      // The largest number ever added.

private:
    static constexpr std::size_t page_rows = 65'536;
    using Page = std::array<RecordRef, page_rows>;

    RecordRef* known_at(std::uint64_t number) const;
    void count(const RecordRef& place, std::uint64_t by);

    std::vector<std::unique_ptr<Page>> pages_;
    std::uint64_t size_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t again_ = 0;
    std::uint64_t last_ = 0;
};

}  // namespace skein::job
