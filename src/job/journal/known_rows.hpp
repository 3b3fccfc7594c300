#pragma once
#include "job/journal/index.hpp"
#include "job/journal/row_table.hpp"

#include <cstdint>
#include <optional>

namespace skein::job {

// The rows that the journal has replies to, for the run that reads the input.
//
// As long as the input is the one of the journal, a row is known by its line. Once the input has
// changed, a row is known by its content: by its bytes, and rows that are written differently by
// the request that they make. A row that is new gets a number behind all others. `match` is for one
// thread.
class KnownRows {
public:
    struct Match {
        std::uint64_t number = 0;          // Of the row, in the journal.
        std::optional<RecordRef> place{};  // Of its reply, if there is one.
    };

    // `request_hash` is called only where the bytes are not known.
    template <class RequestHash>
    Match match(std::uint64_t line, std::uint64_t hash, RequestHash request_hash) {
        if (!by_content_) return {line, index_.find(line)};
        auto number = by_content_->take(hash);
        if (!number && !by_request_.is_empty()) number = by_request_.take(request_hash());
        if (number) return {*number, index_.find(*number)};
        return {++last_number_, std::nullopt};
    }
    Match match(std::uint64_t line, std::uint64_t hash) {
        return match(line, hash, [] { return std::uint64_t{0}; });
    }

    // From here on rows are known by their content. `by_request` has rows that are not in `table`.
    void find_by(RowTable table, RowTable by_request = {});
    bool is_by_content() const { return by_content_.has_value(); }
    RowTable& by_content() { return *by_content_; }

    Index& index() { return index_; }
    const Index& index() const { return index_; }

private:
    Index index_;
    std::optional<RowTable> by_content_;
    RowTable by_request_;
    std::uint64_t last_number_ = 0;
};

}  // namespace skein::job
