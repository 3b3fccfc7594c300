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
    // The breaker opens if three conditions hold for the attempts that began lately: so many
    // failures have a probability below `chance`, given the endpoint's usual share of failures (not
    // required of an endpoint that has never answered); failures are at least the share `max_of`;
    // and there are at least `min` failures.
    double chance = 1e-6;
    double max_of = 0.6;
    std::size_t min = 5;
    // If another endpoint can serve, the breaker also opens at a failure share of `share` among the
    // last `window` first attempts, provided that it is at least `factor` times the other
    // endpoint's share. Retries do not count, because at the end of a job they all belong to rows
    // that fail at every endpoint.
    std::size_t window = 20;
    double share = 0.5;
    double factor = 2;
    Duration open_for = std::chrono::seconds{1};  // Minimum before the next probe.
    double of_outage = 0.25;                      // Or this share of the outage so far,
    Duration max = std::chrono::minutes{1};       // up to this, with a jitter of 20 %.
};

// A circuit breaker keeps requests away from an endpoint that answers them only with faults.
//
//     closed ──beyond chance──> open ──time over──> half-open ──probe succeeded──> closed
//                                ^                      │
//                                └─────probe failed─────┘
//
// Noise is not an outage. At an endpoint where 1 of 50 attempts fails, five failures in a row are
// beyond chance. Where every second attempt fails (a load balancer in front of a sick replica, rows
// that no model can answer), it takes twenty. The probability is Chernoff's bound of a binomial
// tail. First attempts and retries have separate usual shares, because rows that always fail also
// fail on retry. Attempts are ordered by their begin: see RecentAttempts. An endpoint that
// completes a fair share of its requests stays in use while no other endpoint could serve better.
//
// A failed probe opens the breaker again, for a quarter of the outage so far, at most a minute. So
// the end of an outage is noticed after about a quarter more of its length, and a long outage costs
// few probes.
// One successful probe closes the breaker; the load then rises slowly
// (AdaptiveConcurrency::start_slowly).
//
// In half-open one probe may be in flight at a time. Each attempt that enters gets a permit, and
// must give it back by `leave`, whatever its result; a lost permit would block all later probes. A
// permit carries the generation of its state: an attempt that began before the last change of state
// no longer counts. A neutral verdict frees the probe's place and decides nothing.
//
// Pure: no clock, no lock. One thread at a time.
class CircuitBreaker {
public:
    enum class State : std::uint8_t { closed, open, half_open };
    enum class Turn : std::uint8_t { none, opened, closed };
    struct Permit {
        std::uint64_t generation = 0;
        RecentAttempts::Number number = 0;
        bool is_retry = false;
    };
    // The result of an attempt. If `is_evidence` is false, the verdict only updates the usual share
    // of failures, and cannot open the breaker.
    struct End {
        Verdict verdict = Verdict::neutral;
        bool is_evidence = true;
        // The failure share of the best other endpoint that can serve instead; none if there is no
        // such endpoint.
        std::optional<double> rival{};
    };

    // The jitter of the open time depends only on the seed and the number of times that the breaker
    // opened, so that a run can be repeated.
    explicit CircuitBreaker(
        std::size_t max_at_once = 64, std::uint64_t seed = 0, const BreakerSettings& settings = {}
    );

    TimePoint ready_at(TimePoint now) const;

    // To be called when `ready_at(now) <= now`.
    Permit enter(TimePoint now, bool is_retry = false);
    Turn leave(TimePoint now, const Permit& permit, const End& end);

    // The share of failures among the first attempts that began lately.
    double failing() const;

    State state(TimePoint now) const;
    bool is_well() const { return state_ == State::closed; }
    // Forgets everything about the endpoint, because another process has taken its place.
    void start_anew();
    // Unhealthy verdicts since the last healthy one, in the order of their arrival.
    int faults_in_a_row() const { return in_a_row_; }
    // How often the breaker opened, failed probes included; `outages` counts only the changes from
    // closed to open.
    std::uint64_t times_opened() const { return times_opened_; }
    std::uint64_t outages() const { return outages_; }
    // The begin of the present outage. Meaningful while the breaker is not closed.
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
    UsualShare first_{1.0 / 512};  // Usual failure share of first attempts,
    UsualShare again_{1.0 / 512};  // and of retries. Learned only while closed.
    bool has_been_well_ = false;
    std::size_t failures_ = 0;  // Since the last test.
    int in_a_row_ = 0;
    bool is_probing_ = false;
    std::uint64_t times_opened_ = 0;
    std::uint64_t outages_ = 0;
    TimePoint open_until_ = TimePoint::min();
    TimePoint away_since_ = TimePoint::min();
};

std::string_view to_string(CircuitBreaker::State state);

}  // namespace skein
