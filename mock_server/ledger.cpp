#include "mock_server/ledger.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace skein::mock {

// The oldest entry is dropped if there are too many; the sums still count it.
std::uint64_t Book::begin(Entry entry) {
    ++sums_.requests;
    ++sums_.in_flight;
    sums_.max_in_flight = std::max(sums_.max_in_flight, sums_.in_flight);
    count_id(entry.request);
    entry.number = next_++;
    entries_.push_back(std::move(entry));
    if (entries_.size() > keep_) entries_.pop_front();
    return next_ - 1;
}

void Book::read(
    std::uint64_t number,
    std::uint64_t body_bytes,
    std::uint64_t prompt_hash,
    std::optional<bool> store
) {
    auto* entry = find(number);
    if (!entry) return;
    entry->body_bytes = body_bytes;
    entry->prompt_hash = prompt_hash;
    entry->store = store;
}

// A request that began before `forget` is taken out of `in_flight` only, so that the sums after
// `forget` agree with each other.
void Book::finish(std::uint64_t number, Finish finish) {
    SKEIN_ASSERT(sums_.in_flight > 0);
    --sums_.in_flight;
    if (number < forgotten_) return;
    ++sums_.answered[finish.answered];
    sums_.client_left += finish.client_left;
    sums_.bytes_sent += finish.bytes_sent;
    sums_.prompt_tokens += finish.prompt_tokens;
    sums_.completion_tokens += finish.completion_tokens;
    auto* entry = find(number);
    if (!entry) return;
    entry->finished = finish.at;
    entry->answered = std::move(finish.answered);
    entry->bytes_sent = finish.bytes_sent;
    entry->client_left = finish.client_left;
}

void Book::forget() {
    const auto in_flight = sums_.in_flight;
    sums_ = {.in_flight = in_flight, .max_in_flight = in_flight};
    entries_.clear();
    with_id_.clear();
    forgotten_ = next_;
}

Ledger Book::copy() const {
    auto ledger = sums_;
    ledger.entries.assign(entries_.begin(), entries_.end());
    return ledger;
}

// Null if the entry is no longer kept. The entries have numbers without gaps, so the position
// follows from the number.
Entry* Book::find(std::uint64_t number) {
    if (entries_.empty() || number < entries_.front().number) return nullptr;
    return &entries_[number - entries_.front().number];
}

// No more ids than entries are kept, because both come from the client and would grow without
// bound.
void Book::count_id(const std::string& request) {
    if (request.empty()) return;
    auto known = with_id_.find(request);
    if (known == with_id_.end()) {
        if (with_id_.size() >= keep_) return;
        known = with_id_.emplace(request, 0).first;
    }
    sums_.max_with_one_id = std::max(sums_.max_with_one_id, ++known->second);
}

}  // namespace skein::mock
