#pragma once
#include "limit/recent_count.hpp"
#include "model/fault_table.hpp"

#include <skein/time.hpp>

#include <cstdint>
#include <string_view>

namespace skein {

struct BreakerSettings {
    int faults_in_a_row = 5;                      // Open it when they come in a row,
    double share = 0.5;                           // or are this share of what ended in the last
    std::uint64_t least = 20;                     // ten seconds, if so many did.
    Duration open_for = std::chrono::seconds{1};  // At least, before the next probe;
    double of_outage = 0.25;                      // or this share of the time it has been away,
    Duration most = std::chrono::minutes{1};      // up to this, then spread by a fifth.
    int probes = 3;                               // That must go well to close it.
};

// Keeps requests away from an endpoint that only answers them with faults.
//
//     closed ──too many faults──> open ──its time is over──> half-open ──3 probes well──> closed
//                                  ^                             │
//                                  └────────a probe failed───────┘
//
// A probe that fails opens it for a quarter of the time that the endpoint has been away by then. So
// its return is noticed after a quarter more, whether it was away for seconds or for hours, and
// the longer it is away the fewer requests are lost in finding out.
//
// Half-open, it lets one probe in at a time. Each who enters gets a permit and brings it back when
// leaving: it names the state it was given in, and what began before the last change of state has
// no say any more. A verdict may be neutral, which gives a probe's place back and decides nothing;
// so whoever enters must leave, also if nothing came of it.
class CircuitBreaker {
public:
    enum class State : std::uint8_t { closed, open, half_open };
    enum class Turn : std::uint8_t { none, opened, closed };
    using Permit = std::uint64_t;

    // How long it stays open is drawn from the seed and the number of times it opened, alone.
    explicit CircuitBreaker(std::uint64_t seed = 0, const BreakerSettings& settings = {});

    TimePoint ready_at(TimePoint now) const;

    // To be called when `ready_at(now) <= now`.
    Permit enter(TimePoint now);
    Turn leave(TimePoint now, Permit permit, Verdict verdict);

    State state(TimePoint now) const;
    bool is_well() const { return state_ == State::closed; }
    // Whoever is behind it has been replaced: what was learned of the one before counts no more.
    void start_anew() { change_to(State::closed); }
    // Verdicts against it since the last one for it, while it is closed.
    int faults_in_a_row() const { return in_a_row_; }
    // Times it opened, probes that failed included; and of these, those when it had been closed.
    std::uint64_t times_opened() const { return times_opened_; }
    std::uint64_t outages() const { return outages_; }
    // Since when it has not been closed; while it is not.
    TimePoint away_since() const { return away_since_; }

private:
    Turn judge(TimePoint now, Verdict verdict);
    Turn judge_probe(TimePoint now, Verdict verdict);
    bool has_seen_enough(TimePoint now) const;
    Turn open(TimePoint now);
    Turn close();
    void change_to(State state);

    BreakerSettings settings_;
    std::uint64_t seed_;
    State state_ = State::closed;
    Permit generation_ = 0;
    int in_a_row_ = 0;
    RecentCount ended_;
    RecentCount faults_;
    bool is_probing_ = false;
    int probes_well_ = 0;
    std::uint64_t times_opened_ = 0;
    std::uint64_t outages_ = 0;
    TimePoint open_until_ = TimePoint::min();
    TimePoint away_since_ = TimePoint::min();
};

std::string_view to_string(CircuitBreaker::State state);

}  // namespace skein
