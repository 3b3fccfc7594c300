#pragma once
#include "job/index.hpp"
#include "job/row_table.hpp"

#include <cstdint>
#include <optional>

namespace skein::job {

// The rows that the journal has replies to, for the run that reads the input.
//
// As long as the input is the one of the journal, a row is known by its line. Once the input has
// changed, a row is known by its content, and a row that is new gets a number behind all others.
// `match` is for one thread.
class KnownRows {
public:
    struct Match {
        std::uint64_t number = 0;      // Of the row, in the journal.
        std::optional<Place> place{};  // Of its reply, if there is one.
    };

    Match match(std::uint64_t line, std::uint64_t hash);

    // From here on rows are known by their content.
    void find_by(RowTable table);
    bool is_by_content() const { return by_content_.has_value(); }
    RowTable& by_content() { return *by_content_; }

    Index& index() { return index_; }
    const Index& index() const { return index_; }

private:
    Index index_;
    std::optional<RowTable> by_content_;
    std::uint64_t last_number_ = 0;
};

}  // namespace skein::job
