#pragma once
#include "measure/histogram.hpp"
#include "model/attempt.hpp"

#include <skein/tally.hpp>

namespace skein {

// Counts what happens, as it happens; the law of the tally is the caller's to keep.
class Scoreboard {
public:
    void admitted() { ++tally_.admitted; }
    void started(int number);
    void ended(const AttemptResult& result);
    void delivered(const Outcome& outcome);

    // The counts so far. `elapsed`, `waiting` and what only a job knows are left to the caller.
    Tally snapshot() const;

    std::uint64_t in_flight() const { return tally_.in_flight; }

private:
    Tally tally_;
    Histogram first_token_;
    Histogram attempt_;
};

}  // namespace skein
