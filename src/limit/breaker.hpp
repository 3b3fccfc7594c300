#pragma once
#include "limit/recent_attempts.hpp"
#include "limit/usual_share.hpp"
#include "model/fault_table.hpp"

#include <skein/time.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace skein {

struct BreakerSettings {
    // Failures open it when so many of what began lately are no chance: when that has a
    // probability below `chance`, by the share of failures that is usual there; when they are
    // `most_of` it at least; and never before there are `least`.
    double chance = 1e-6;
    double most_of = 0.6;
    std::size_t least = 5;
    // Where another endpoint can serve: this share of the last `window` first tries that began, if
    // it is also `factor` times what the other endpoint has. Retries are no measure of the two: at
    // the end of a job they are all of rows that fail wherever they go.
    std::size_t window = 20;
    double share = 0.5;
    double factor = 2;
    Duration open_for = std::chrono::seconds{1};  // At least, before the next probe;
    double of_outage = 0.25;                      // or this share of the time it has been away,
    Duration most = std::chrono::minutes{1};      // up to this, then spread by a fifth.
};

// A circuit breaker: it keeps requests away from an endpoint that only answers them with faults.
//
//     closed ──no chance any more──> open ──its time is over──> half-open ──a probe well──> closed
//                                     ^                              │
//                                     └───────a probe failed─────────┘
//
// Noise is not an outage. At an endpoint where 1 of 50 attempts fails, five failures in a row are
// no chance; where every second one fails (a balancer in front of a sick replica, rows that no
// model can answer), it takes twenty. The probability is Chernoff's bound of a binomial tail, with
// what is usual for first tries and what is usual for retries: rows that always fail fail again.
// What counts is the order in which attempts began: see RecentAttempts. As long as an endpoint
// completes a fair share of what it is sent, and no other could serve better, it is used.
//
// A probe that fails opens it for a quarter of the time that the endpoint has been away by then. So
// its return is noticed after a quarter more, whether it was away for seconds or for hours, and
// the longer it is away the fewer requests are lost in finding out. One probe that goes well closes
// it: the requests behind it are few at first (AdaptiveConcurrency::start_slowly).
//
// Half-open, it lets one probe in at a time. Each attempt that enters gets a permit and brings it
// back when it leaves: it names the state it was given in, and what began before the last change of
// state has no say any more. A verdict may be neutral: it gives a probe's place back and decides
// nothing. So each attempt that enters must leave, whatever came of it.
class CircuitBreaker {
public:
    enum class State : std::uint8_t { closed, open, half_open };
    enum class Turn : std::uint8_t { none, opened, closed };
    struct Permit {
        std::uint64_t generation = 0;
        RecentAttempts::Number number = 0;
        bool is_retry = false;
    };
    // What an attempt came to. If it is no evidence, its verdict tells only of retries.
    struct End {
        Verdict verdict = Verdict::neutral;
        bool is_evidence = true;
        // The share of failures at the best of the others that can serve instead; none if there
        // is no other.
        std::optional<double> rival{};
    };

    // How long it stays open is drawn from the seed and the number of times it opened, alone.
    explicit CircuitBreaker(
        std::size_t most_at_once = 64, std::uint64_t seed = 0, const BreakerSettings& settings = {}
    );

    TimePoint ready_at(TimePoint now) const;

    // To be called when `ready_at(now) <= now`.
    Permit enter(TimePoint now, bool is_retry = false);
    Turn leave(TimePoint now, const Permit& permit, const End& end);

    // The share of first tries that began lately and have failed.
    double failing() const;

    State state(TimePoint now) const;
    bool is_well() const { return state_ == State::closed; }
    // The endpoint behind it has been replaced: what was learned of the one before counts no more.
    void start_anew();
    // Verdicts against it since the last one for it, in the order in which they came.
    int faults_in_a_row() const { return in_a_row_; }
    // Times it opened, probes that failed included; and of these, those when it had been closed.
    std::uint64_t times_opened() const { return times_opened_; }
    std::uint64_t outages() const { return outages_; }
    // Since when it has not been closed; while it is not.
    TimePoint away_since() const { return away_since_; }

private:
    Turn judge(TimePoint now, const End& end);
    Turn judge_probe(TimePoint now, Verdict verdict);
    RecentAttempts::Share lately() const;
    bool is_outage() const;
    bool is_no_chance(const RecentAttempts::Share& share) const;
    bool is_worse_than(double rival) const;
    Turn open(TimePoint now);
    Turn close();
    void change_to(State state);

    BreakerSettings settings_;
    std::uint64_t seed_;
    State state_ = State::closed;
    std::uint64_t generation_ = 0;
    RecentAttempts recent_;
    UsualShare first_{1.0 / 512};  // Of first tries that fail, while it was closed,
    UsualShare again_{1.0 / 512};  // and of retries.
    bool has_been_well_ = false;
    std::size_t failures_ = 0;  // Since the last look.
    int in_a_row_ = 0;
    bool is_probing_ = false;
    std::uint64_t times_opened_ = 0;
    std::uint64_t outages_ = 0;
    TimePoint open_until_ = TimePoint::min();
    TimePoint away_since_ = TimePoint::min();
};

std::string_view to_string(CircuitBreaker::State state);

}  // namespace skein
