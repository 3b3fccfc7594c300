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

// A request that waits for the desk, and all that the desk must know of it.
struct Waiting {
    Sequence seq = 0;
    CostEstimate estimate{};                 // What it will cost, in tokens.
    int retry_cost = 0;                      // What it takes from the retry quota; 0: nothing.
    int tries = 0;                           // Attempts behind it.
    EndpointIndex last = 0;                  // Where the last of them was made, if there was one.
    TimePoint latest = never;                // From then on it is not worth starting.
    bool not_local = false;                  // What serves on this machine cannot serve it.
    TimePoint failed_at = TimePoint::min();  // The first time that it failed, if it has.
    TimePoint last_failed_at = TimePoint::min();  // And the last time.
    bool alone = false;                           // On a worker of this machine it runs by itself.
};

// Requests waiting for the desk, oldest first.
//
// Those that must be paid for out of the retry quota stand in a row of their own: while they wait
// for it, the others, who alone can earn it, go past them. So do those that nobody on this machine
// can serve, who would hold up the others while the remote side is away, and those that must run
// alone on a worker, while it is cleared for them.
class Line {
public:
    Line() = default;
    Line(Line&&) = default;
    Line& operator=(Line&&) = delete;

    void add(const Waiting& who) {
        auto& row = rows_[row_of(who)];
        const auto size = row.size();
        row.emplace_hint(row.end(), who.seq, who);  // Mostly the last.
        SKEIN_ASSERT(row.size() == size + 1);
    }

    // False if it is not here.
    bool remove(Sequence seq) {
        return std::ranges::any_of(rows_, [&](Row& row) { return row.erase(seq) == 1; });
    }

    bool empty() const { return size() == 0; }
    std::size_t size() const {
        std::size_t sum = 0;
        for (const auto& row : rows_) sum += row.size();
        return sum;
    }

    // The oldest of each row, older ones first; then null for each row that is empty.
    using Heads = std::array<const Waiting*, 5>;
    Heads heads() const;

    const Waiting* oldest() const { return heads()[0]; }
    // Of those that nobody on this machine can serve.
    const Waiting* oldest_not_local() const;

    // Who is to try an endpoint that may still be down: the one who has tried the least often, of
    // several the oldest, so that no request is used up by trying. Null if nobody has time for it
    // and `can`. Asked only while an endpoint waits to be probed.
    template <class Can>
    const Waiting* to_probe(TimePoint now, Can can) const {
        const Waiting* least = nullptr;
        for (const auto& row : rows_) {
            for (const auto& [seq, who] : row) {
                if (who.latest <= now || !can(who)) continue;
                if (!least || is_fresher(who, *least)) least = &who;
                if (who.tries == 0) break;
            }
        }
        return least;
    }

    // Does nobody wait who could earn quota for others, there or on this machine?
    bool all_pay(bool is_local) const {
        return rows_[free].empty() && rows_[alone].empty() &&
               (is_local || rows_[free + not_local].empty());
    }

    // Does a request wait that must run alone on a worker?
    bool has_alone() const { return !rows_[alone].empty(); }

private:
    using Row = std::pmr::map<Sequence, Waiting>;

    // A row's place is the sum of what is so of those who stand there.
    static constexpr std::size_t free = 0, paying = 1, not_local = 2, alone = 4;

    static std::size_t row_of(const Waiting& who) {
        if (who.alone && !who.not_local) return alone;
        return (who.retry_cost > 0 ? paying : free) + (who.not_local ? not_local : 0);
    }

    // Tried less often; of two who tried as often, the older.
    static bool is_fresher(const Waiting& one, const Waiting& other) {
        return one.tries != other.tries ? one.tries < other.tries : one.seq < other.seq;
    }

    // Where it is, whoever holds the line: the rows know it by its address.
    std::unique_ptr<FreeLists> nodes_ = std::make_unique<FreeLists>();
    std::array<Row, 5> rows_{
        Row{nodes_.get()},
        Row{nodes_.get()},
        Row{nodes_.get()},
        Row{nodes_.get()},
        Row{nodes_.get()}};
};

}  // namespace skein
