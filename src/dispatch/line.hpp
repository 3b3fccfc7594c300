#pragma once
#include "base/assert.hpp"
#include "dispatch/budget.hpp"
#include "model/attempt.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <optional>

namespace skein {

// A request that waits for the desk, and all that the desk must know of it.
struct Waiting {
    Sequence seq = 0;
    Expense expense{};         // What it will cost, in tokens.
    int retry_cost = 0;        // What it takes from the retry quota; 0: nothing.
    int tries = 0;             // Attempts behind it.
    EndpointIndex last = 0;    // Where the last of them was made, if there was one.
    TimePoint latest = never;  // From then on it is not worth starting.
};

// Requests waiting for the desk, oldest first.
//
// Those that must be paid for out of the retry quota stand in a row of their own: while they wait
// for it, the others, who alone can earn it, go past them.
class Line {
public:
    void add(const Waiting& who) {
        const bool is_new = row_of(who).emplace(who.seq, who).second;
        SKEIN_ASSERT(is_new);
    }

    // False if it is not here.
    bool remove(Sequence seq) { return free_.erase(seq) + paying_.erase(seq) == 1; }

    bool empty() const { return free_.empty() && paying_.empty(); }
    std::size_t size() const { return free_.size() + paying_.size(); }

    // The oldest of each row, the older one first; null where there is none.
    std::array<const Waiting*, 2> heads() const;

    const Waiting* oldest() const { return heads()[0]; }

    // Who is to try an endpoint that may still be down: the one who has tried the least often, of
    // several the oldest, so that no request is used up by trying. Null if nobody has time for it
    // and `can`. Asked only while an endpoint waits to be probed.
    template <class Can>
    const Waiting* to_probe(TimePoint now, Can can) const {
        const Waiting* least = nullptr;
        for (const auto* row : {&free_, &paying_}) {
            for (const auto& [seq, who] : *row) {
                if (who.latest <= now || !can(who)) continue;
                if (!least || who.tries < least->tries) least = &who;
                if (least->tries == 0) return least;
            }
        }
        return least;
    }

    // Does nobody wait who could earn quota for others?
    bool all_pay() const { return free_.empty(); }

private:
    using Row = std::map<Sequence, Waiting>;

    Row& row_of(const Waiting& who) { return who.retry_cost > 0 ? paying_ : free_; }

    Row free_;
    Row paying_;
};

}  // namespace skein
