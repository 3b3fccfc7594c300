#pragma once
#include "measure/histogram.hpp"
#include "model/attempt.hpp"

#include <skein/tally.hpp>

#include <optional>

namespace skein {

// Updates the tally: one call per event. The invariant of the tally (see Tally) is the caller's
// responsibility. Not thread-safe.
class Scoreboard {
public:
    explicit Scoreboard(std::size_t endpoints) { tally_.endpoints.resize(endpoints); }

    void admitted() { ++tally_.admitted; }
    void started(int number, EndpointIndex endpoint, bool is_hedge = false);
    void ended(const AttemptResult& result, EndpointIndex endpoint);
    void rerouted() { ++tally_.rerouted; }
    void paid(double cost) { tally_.cost += cost; }
    void delivered(const Outcome& outcome);

    // The tally so far. The caller fills in `elapsed`, `waiting`, the job's counters, and the names
    // and states of endpoints.
    Tally snapshot() const;

    std::uint64_t in_flight() const { return tally_.in_flight; }

private:
    void count(const std::optional<Usage>& usage);

    Tally tally_;
    Histogram first_token_;
    Histogram attempt_;
};

}  // namespace skein
