#include "job/index.hpp"

#include "base/assert.hpp"

namespace skein::job {

void Index::add(std::uint64_t line, Place place) {
    SKEIN_ASSERT(place.exists());
    const auto page = static_cast<std::size_t>(line / page_lines);
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page] = std::make_unique<Page>();
    auto& known = (*pages_[page])[line % page_lines];
    if (known.exists()) {
        ++repeated_;
        if (known.ok()) return;
        --failed_;
    } else {
        ++size_;
    }
    known = place;
    if (!place.ok()) ++failed_;
}

std::optional<Place> Index::find(std::uint64_t line) const {
    const auto page = static_cast<std::size_t>(line / page_lines);
    if (page >= pages_.size() || !pages_[page]) return std::nullopt;
    const auto& known = (*pages_[page])[line % page_lines];
    return known.exists() ? std::optional{known} : std::nullopt;
}

}  // namespace skein::job
