#pragma once
#include <cstdint>

namespace skein::job {

// The location of an output line in the journal, and whether it holds an answer. 16 bytes.
class RecordRef {
public:
    RecordRef() = default;  // No record.
    RecordRef(std::uint64_t offset, std::uint32_t length, bool ok, std::uint64_t row_hash)
        : where_{offset << 1 | (ok ? 1u : 0u)},
          length_{length},
          row_{static_cast<std::uint32_t>(row_hash)} {}

    bool exists() const { return length_ > 0; }
    std::uint64_t offset() const { return where_ >> 1; }
    std::uint32_t length() const { return length_ & ~again_bit; }
    bool ok() const { return (where_ & 1) != 0; }

    // True if the run that resumes must ask the row of this reply again.
    bool is_to_ask_again() const { return (length_ & again_bit) != 0; }
    void ask_again() { length_ |= again_bit; }

    // True if the reply belongs to a row with this hash. Compares the low 32 bits.
    bool is_of(std::uint64_t row_hash) const {
        return row_ == static_cast<std::uint32_t>(row_hash);
    }

    bool operator==(const RecordRef&) const = default;

private:
    // This bit is free, because an output line has at most 256 MiB.
    static constexpr std::uint32_t again_bit = std::uint32_t{1} << 31;

    std::uint64_t where_ = 0;
    std::uint32_t length_ = 0;
    std::uint32_t row_ = 0;
};

static_assert(sizeof(RecordRef) == 16);

}  // namespace skein::job
