#pragma once
#include "job/journal/record_ref.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace skein::job {

// Index of the journal: maps the number of each row to the record of its reply. A paged array, with
// 16 bytes for each number in pages of 1 MB; a page without rows is not allocated.
class Index {
public:
    // If a row has several replies, the newest answer counts; without an answer, the newest
    // failure.
    void add(std::uint64_t number, RecordRef place);

    std::optional<RecordRef> find(std::uint64_t number) const;

    // Removes a row that is no longer in the input.
    void forget(std::uint64_t number);

    std::uint64_t size() const { return size_; }      // Rows with a reply.
    std::uint64_t failed() const { return failed_; }  // Rows whose reply is a failure.
    std::uint64_t again() const { return again_; }    // Rows to be asked again.
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
