#pragma once
#include <cstdint>

namespace skein::job {

// Where an output line lies in the journal, and whether it is one of success. 16 bytes.
class Place {
public:
    Place() = default;  // Nowhere.
    Place(std::uint64_t offset, std::uint32_t length, bool ok, std::uint64_t row_hash)
        : where_{offset << 1 | (ok ? 1u : 0u)},
          length_{length},
          row_{static_cast<std::uint32_t>(row_hash)} {}

    bool exists() const { return length_ > 0; }
    std::uint64_t offset() const { return where_ >> 1; }
    std::uint32_t length() const { return length_; }
    bool ok() const { return (where_ & 1) != 0; }

    // Was the reply one to a row with this hash? Compares 32 bits of it.
    bool is_of(std::uint64_t row_hash) const {
        return row_ == static_cast<std::uint32_t>(row_hash);
    }

    bool operator==(const Place&) const = default;

private:
    std::uint64_t where_ = 0;
    std::uint32_t length_ = 0;
    std::uint32_t row_ = 0;
};

static_assert(sizeof(Place) == 16);

}  // namespace skein::job
