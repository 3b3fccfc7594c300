#pragma once
#include "measure/histogram.hpp"
#include "model/attempt.hpp"

#include <skein/tally.hpp>

namespace skein {

// Counts what happens, as it happens; the law of the tally is the caller's to keep.
class Scoreboard {
public:
    explicit Scoreboard(std::size_t endpoints) { tally_.endpoints.resize(endpoints); }

    void admitted() { ++tally_.admitted; }
    void started(int number, EndpointIndex endpoint, bool is_hedge = false);
    void ended(const AttemptResult& result, EndpointIndex endpoint);
    void paid(double cost) { tally_.cost += cost; }
    void delivered(const Outcome& outcome);

    // The counts so far. `elapsed`, `waiting`, what only a job knows, and names and states of
    // endpoints are left to the caller.
    Tally snapshot() const;

    std::uint64_t in_flight() const { return tally_.in_flight; }

private:
    Tally tally_;
    Histogram first_token_;
    Histogram attempt_;
};

}  // namespace skein
