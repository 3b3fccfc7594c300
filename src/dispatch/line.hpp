#pragma once
#include "base/assert.hpp"
#include "base/free_lists.hpp"
#include "dispatch/budget.hpp"
#include "model/attempt.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

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
    EndpointSet cannot{};                    // The remote endpoints that cannot serve it.
    TimePoint failed_at = TimePoint::min();  // First failure; `min()`: none.
    TimePoint last_failed_at = TimePoint::min();  // Last failure; `min()`: none.
    bool alone = false;                           // No other request may run beside it on a worker.

    // Can every endpoint and every worker serve it?
    bool goes_anywhere() const { return !not_local && cannot.empty(); }
};

// The wait queue of the desk: requests in order of their number, oldest first. Not thread-safe.
//
// The queue has several rows, so that a request that waits for something special does not block the
// others (head-of-line blocking):
//   - Requests that must pay from the retry quota. Other requests overtake them, because only those
//     can earn quota.
//   - Requests that only some endpoints can serve, paying or not: two rows for each set of
//     endpoints. They would block the others while their endpoints are away.
//   - Requests that must run alone on a worker, while that worker is being cleared.
//   - All other requests.
class Line {
public:
    Line();
    Line(Line&&) = default;
    Line& operator=(Line&&) = delete;

    void add(const Waiting& who) {
        auto& row = row_of(who);
        const auto size = row.size();
        row.emplace_hint(row.end(), who.seq, who);  // A new request is mostly the youngest.
        SKEIN_ASSERT(row.size() == size + 1);
    }

    // False if the request is not in the line.
    bool remove(Sequence seq) {
        return std::ranges::any_of(rows_, [&](Row& row) { return row.waiting.erase(seq) == 1; });
    }

    bool empty() const { return size() == 0; }
    std::size_t size() const {
        std::size_t sum = 0;
        for (const auto& row : rows_) sum += row.waiting.size();
        return sum;
    }

    // The oldest request of each row that is not empty, sorted by age. The span is valid until the
    // next call of this function, a pointer until its request is removed.
    std::span<const Waiting* const> heads() const;

    const Waiting* oldest() const {
        const auto all = heads();
        return all.empty() ? nullptr : all.front();
    }

    // Does a request wait that some endpoint or worker cannot serve?
    bool has_choosy() const {
        return std::any_of(rows_.begin() + 2, rows_.end(), [](const Row& row) {
            return !row.waiting.empty() && !row.kind.goes_anywhere();
        });
    }

    // The request to probe an endpoint that may still be down: the one with the fewest attempts, of
    // several the oldest, so that probing does not use up the attempts of one request. Null if no
    // request has time left and passes `can`. Linear; called only while an endpoint takes probes.
    template <class Can>
    const Waiting* to_probe(TimePoint now, Can can) const {
        const Waiting* freshest = nullptr;
        for (const auto& row : rows_) {
            for (const auto& [seq, who] : row.waiting) {
                if (who.latest <= now || !can(who)) continue;
                if (!freshest || is_fresher(who, *freshest)) freshest = &who;
                if (who.tries == 0) break;
            }
        }
        return freshest;
    }

    // Is no request waiting that passes `can` and could start without retry quota (and earn some)?
    template <class Can>
    bool all_pay(Can can) const {
        return std::ranges::all_of(rows_, [&](const Row& row) {
            return row.waiting.empty() || row.kind.pays || !can(row.waiting.begin()->second);
        });
    }

    // Does a request wait that must run alone on a worker?
    bool has_alone() const {
        return std::any_of(rows_.begin() + 2, rows_.end(), [](const Row& row) {
            return row.kind.is_alone && !row.waiting.empty();
        });
    }

private:
    using Requests = std::pmr::map<Sequence, Waiting>;
    // Otherwise the vector of rows would copy the requests when it grows.
    static_assert(std::is_nothrow_move_constructible_v<Requests>);

    // What the requests of a row have in common.
    struct Kind {
        EndpointSet cannot{};
        bool not_local = false;
        bool pays = false;
        bool is_alone = false;

        bool goes_anywhere() const { return !not_local && cannot.empty(); }
        bool operator==(const Kind&) const = default;
    };
    struct Row {
        Kind kind;
        Requests waiting;
    };
    // The first two rows are those of requests that go anywhere; they are never given up.
    static constexpr std::size_t free = 0, paying = 1;

    Requests& row_of(const Waiting& who) {
        const bool is_alone = who.alone && !who.not_local;
        if (who.goes_anywhere() && !is_alone) {
            return rows_[who.retry_cost > 0 ? paying : free].waiting;
        }
        return choosy_row({who.cannot, who.not_local, !is_alone && who.retry_cost > 0, is_alone});
    }
    Requests& choosy_row(const Kind& kind);

    // Fewer attempts; with equal attempts, the older request.
    static bool is_fresher(const Waiting& one, const Waiting& other) {
        return one.tries != other.tries ? one.tries < other.tries : one.seq < other.seq;
    }

    // On the heap, so that its address survives a move of the line: the rows point to it.
    std::unique_ptr<FreeLists> nodes_ = std::make_unique<FreeLists>();
    std::vector<Row> rows_;
    mutable std::vector<const Waiting*> heads_;  // Scratch of `heads`; kept for its memory.
};

}  // namespace skein
