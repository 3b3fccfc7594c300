#pragma once
#include "base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace skein {

// Gives things back in the order they were numbered, however they came. Costs memory for the span
// between the oldest that is missing and the newest that is here.
template <class T>
class ReorderBuffer {
public:
    void put(std::uint64_t number, T item) {
        SKEIN_ASSERT(number >= next_);
        const auto at = static_cast<std::size_t>(number - next_);
        if (at >= early_.size()) early_.resize(at + 1);
        SKEIN_ASSERT(!early_[at]);
        early_[at] = std::move(item);
        ++waiting_;
    }

    // The next in order, if it is here.
    std::optional<T> next() {
        if (early_.empty() || !early_.front()) return std::nullopt;
        auto item = std::move(early_.front());
        early_.pop_front();
        ++next_;
        --waiting_;
        return item;
    }

    // Here, and not yet given back.
    std::size_t waiting() const { return waiting_; }

    // The number of the oldest that is not here.
    std::uint64_t oldest_missing() const { return next_; }

private:
    std::deque<std::optional<T>> early_;
    std::uint64_t next_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace skein
