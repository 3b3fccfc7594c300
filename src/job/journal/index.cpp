#include "job/journal/index.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace skein::job {

void Index::add(std::uint64_t number, RecordRef place) {
    SKEIN_ASSERT(place.exists());
    const auto page = static_cast<std::size_t>(number / page_rows);
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page] = std::make_unique<Page>();
    last_ = std::max(last_, number);
    auto& known = (*pages_[page])[number % page_rows];
    // The newest answer counts, and a failure never replaces an answer.
    if (known.exists()) {
        if (known.ok() && !place.ok()) return;
        count(known, ~std::uint64_t{0});
    }
    known = place;
    count(known, 1);
}

std::optional<RecordRef> Index::find(std::uint64_t number) const {
    const auto* known = known_at(number);
    return known ? std::optional{*known} : std::nullopt;
}

void Index::forget(std::uint64_t number) {
    auto* known = known_at(number);
    if (!known) return;
    count(*known, ~std::uint64_t{0});
    *known = {};
}

// Null if the journal has no reply to this row.
RecordRef* Index::known_at(std::uint64_t number) const {
    const auto page = static_cast<std::size_t>(number / page_rows);
    if (page >= pages_.size() || !pages_[page]) return nullptr;
    auto& known = (*pages_[page])[number % page_rows];
    return known.exists() ? &known : nullptr;
}

// `by` is 1 to add, or the largest number of the type to subtract 1 (modular arithmetic).
void Index::count(const RecordRef& place, std::uint64_t by) {
    size_ += by;
    if (!place.ok()) failed_ += by;
    if (place.is_to_ask_again()) again_ += by;
}

}  // namespace skein::job
