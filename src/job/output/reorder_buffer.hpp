#pragma once
#include "base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace skein {

// A reorder buffer: takes numbered items in any order and returns them in the order of their
// numbers, from 0. Memory is proportional to the span from the oldest missing number to the newest
// item.
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

    // The next item in order; nothing if it has not arrived.
    std::optional<T> next() {
        if (early_.empty() || !early_.front()) return std::nullopt;
        auto item = std::move(early_.front());
        early_.pop_front();
        ++next_;
        --waiting_;
        return item;
    }

    // Items that have arrived and are not returned yet.
    std::size_t waiting() const { return waiting_; }

    // The lowest number whose item has not arrived.
    std::uint64_t oldest_missing() const { return next_; }

private:
    std::deque<std::optional<T>> early_;
    std::uint64_t next_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace skein
