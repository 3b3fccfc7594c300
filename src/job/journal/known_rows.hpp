#pragma once
#include "job/journal/index.hpp"
#include "job/journal/row_table.hpp"

#include <cstdint>
#include <optional>

namespace skein::job {

// Finds the reply of an input row in the journal.
//
// While the input is unchanged, rows are matched by line number. Once it has changed, they are
// matched by content: first by the hash of their bytes, then by the hash of the request that they
// make. A new row gets a number after all others. `match` is for one thread.
class KnownRows {
public:
    struct Match {
        std::uint64_t number = 0;          // The number of the row in the journal.
        std::optional<RecordRef> place{};  // The record of its reply, if there is one.
    };

    // `request_hash` is called only if the bytes are not found, because it builds the request.
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

    // Switches to matching by content. `by_request` holds rows that are not in `table`.
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
