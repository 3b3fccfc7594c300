#include "job/known_rows.hpp"

#include <utility>

namespace skein::job {

KnownRows::Match KnownRows::match(std::uint64_t line, std::uint64_t hash) {
    if (!by_content_) return {line, index_.find(line)};
    if (const auto number = by_content_->take(hash)) return {*number, index_.find(*number)};
    return {++last_number_, std::nullopt};
}

void KnownRows::find_by(RowTable table) {
    by_content_ = std::move(table);
    last_number_ = index_.last();
}

}  // namespace skein::job
