#pragma once
#include "base/assert.hpp"
#include "base/free_lists.hpp"
#include "dispatch/budget.hpp"
#include "model/attempt.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>

namespace skein {

// Entry of the wait queue: a request, and all that the desk needs to know about it.
struct Waiting {
    Sequence seq = 0;
    CostEstimate estimate{};                 // Tokens, estimated from the request.
    int retry_cost = 0;                      // Taken from the retry quota; 0: nothing.
    int tries = 0;                           // Attempts made so far.
    EndpointIndex last = 0;                  // Endpoint of the last attempt, if there was one.
    TimePoint latest = never;                // Latest start: from then on an attempt is pointless.
    bool not_local = false;                  // The workers on this machine cannot serve it.
    TimePoint failed_at = TimePoint::min();  // First failure; `min()`: none.
    TimePoint last_failed_at = TimePoint::min();  // Last failure; `min()`: none.
    bool alone = false;                           // No other request may run beside it on a worker.
};

// The wait queue of the desk: requests in order of their number, oldest first. Not thread-safe.
//
// The queue has five rows, so that a request that waits for something special does not block the
// others (head-of-line blocking):
//   - Requests that must pay from the retry quota. Other requests overtake them, because only those
//     can earn quota.
//   - Requests that no worker on this machine can serve, paying or not (two rows). They would block
//     the others while the remote endpoints are away.
//   - Requests that must run alone on a worker, while that worker is being cleared.
//   - All other requests.
class Line {
public:
    Line() = default;
    Line(Line&&) = default;
    Line& operator=(Line&&) = delete;

    void add(const Waiting& who) {
        auto& row = rows_[row_of(who)];
        const auto size = row.size();
        row.emplace_hint(row.end(), who.seq, who);  // A new request is mostly the youngest.
        SKEIN_ASSERT(row.size() == size + 1);
    }

    // False if the request is not in the line.
    bool remove(Sequence seq) {
        return std::ranges::any_of(rows_, [&](Row& row) { return row.erase(seq) == 1; });
    }

    bool empty() const { return size() == 0; }
    std::size_t size() const {
        std::size_t sum = 0;
        for (const auto& row : rows_) sum += row.size();
        return sum;
    }

    // The oldest request of each row, sorted by age, then null for each empty row. A pointer is
    // valid until its request is removed.
    using Heads = std::array<const Waiting*, 5>;
    Heads heads() const;

    const Waiting* oldest() const { return heads()[0]; }
    // The oldest request that no worker on this machine can serve.
    const Waiting* oldest_not_local() const;

    // The request to probe an endpoint that may still be down: the one with the fewest attempts, of
    // several the oldest, so that probing does not use up the attempts of one request. Null if no
    // request has time left and passes `can`. Linear; called only while an endpoint takes probes.
    template <class Can>
    const Waiting* to_probe(TimePoint now, Can can) const {
        const Waiting* freshest = nullptr;
        for (const auto& row : rows_) {
            for (const auto& [seq, who] : row) {
                if (who.latest <= now || !can(who)) continue;
                if (!freshest || is_fresher(who, *freshest)) freshest = &who;
                if (who.tries == 0) break;
            }
        }
        return freshest;
    }

    // Is no request waiting that could start without retry quota (and earn some), at a local or at
    // a remote endpoint?
    bool all_pay(bool is_local) const {
        return rows_[free].empty() && rows_[alone].empty() &&
               (is_local || rows_[free + not_local].empty());
    }

    // Does a request wait that must run alone on a worker?
    bool has_alone() const { return !rows_[alone].empty(); }

private:
    using Row = std::pmr::map<Sequence, Waiting>;

    // The index of a row is the sum of the properties of its requests.
    static constexpr std::size_t free = 0, paying = 1, not_local = 2, alone = 4;

    static std::size_t row_of(const Waiting& who) {
        if (who.alone && !who.not_local) return alone;
        return (who.retry_cost > 0 ? paying : free) + (who.not_local ? not_local : 0);
    }

    // Fewer attempts; with equal attempts, the older request.
    static bool is_fresher(const Waiting& one, const Waiting& other) {
        return one.tries != other.tries ? one.tries < other.tries : one.seq < other.seq;
    }

    // On the heap, so that its address survives a move of the line: the rows point to it.
    std::unique_ptr<FreeLists> nodes_ = std::make_unique<FreeLists>();
    std::array<Row, 5> rows_{
        Row{nodes_.get()},
        Row{nodes_.get()},
        Row{nodes_.get()},
        Row{nodes_.get()},
        Row{nodes_.get()}};
};

}  // namespace skein
