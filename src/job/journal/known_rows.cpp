#include "job/journal/known_rows.hpp"

#include <utility>

namespace skein::job {

void KnownRows::find_by(RowTable table, RowTable by_request) {
    by_content_ = std::move(table);
    by_request_ = std::move(by_request);
    last_number_ = index_.last();
}

}  // namespace skein::job
