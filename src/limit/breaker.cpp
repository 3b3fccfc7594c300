#include "limit/breaker.hpp"

#include "base/assert.hpp"
#include "base/random.hpp"

#include <algorithm>

namespace skein {
namespace {

// From four fifths of it to six fifths.
Duration spread(Duration duration, double unit) {
    const auto length = static_cast<double>(duration.count());
    return Duration{static_cast<Duration::rep>(length * (0.8 + 0.4 * unit))};
}

}  // namespace

CircuitBreaker::CircuitBreaker(std::uint64_t seed, const BreakerSettings& settings)
    : settings_{settings}, seed_{seed} {
    SKEIN_ASSERT(settings.faults_in_a_row > 0);
    SKEIN_ASSERT(settings.least > 0);
    SKEIN_ASSERT(settings.probes > 0);
}

TimePoint CircuitBreaker::ready_at(TimePoint now) const {
    if (is_probing_) return never;
    return state_ == State::open ? std::max(now, open_until_) : now;
}

CircuitBreaker::Permit CircuitBreaker::enter(TimePoint now) {
    SKEIN_ASSERT(ready_at(now) <= now);
    if (state_ == State::open) change_to(State::half_open);
    is_probing_ = state_ == State::half_open;
    return generation_;
}

CircuitBreaker::Turn CircuitBreaker::leave(TimePoint now, Permit permit, Verdict verdict) {
    SKEIN_ASSERT(permit <= generation_);
    if (permit != generation_) return Turn::none;
    return state_ == State::half_open ? judge_probe(now, verdict) : judge(now, verdict);
}

CircuitBreaker::State CircuitBreaker::state(TimePoint now) const {
    return state_ == State::open && now >= open_until_ ? State::half_open : state_;
}

CircuitBreaker::Turn CircuitBreaker::judge(TimePoint now, Verdict verdict) {
    if (verdict == Verdict::neutral) return Turn::none;
    const bool is_fault = verdict == Verdict::unhealthy;
    in_a_row_ = is_fault ? in_a_row_ + 1 : 0;
    ended_.add(now);
    if (is_fault) faults_.add(now);
    return has_seen_enough(now) ? open(now) : Turn::none;
}

CircuitBreaker::Turn CircuitBreaker::judge_probe(TimePoint now, Verdict verdict) {
    is_probing_ = false;
    if (verdict == Verdict::neutral) return Turn::none;
    if (verdict == Verdict::unhealthy) return open(now);
    return ++probes_well_ >= settings_.probes ? close() : Turn::none;
}

bool CircuitBreaker::has_seen_enough(TimePoint now) const {
    if (in_a_row_ >= settings_.faults_in_a_row) return true;
    const auto ended = ended_.at(now);
    const auto faults = static_cast<double>(faults_.at(now));
    return ended >= settings_.least && faults >= settings_.share * static_cast<double>(ended);
}

CircuitBreaker::Turn CircuitBreaker::open(TimePoint now) {
    if (state_ == State::closed) {
        away_since_ = now;
        ++outages_;
    }
    const auto away = static_cast<double>((now - away_since_).count());
    const Duration share{static_cast<Duration::rep>(away * settings_.of_outage)};
    SplitMix rng{mix(seed_, times_opened_++)};
    open_until_ = now + spread(std::clamp(share, settings_.open_for, settings_.most), rng.unit());
    change_to(State::open);
    return Turn::opened;
}

CircuitBreaker::Turn CircuitBreaker::close() {
    change_to(State::closed);
    return Turn::closed;
}

void CircuitBreaker::change_to(State state) {
    state_ = state;
    ++generation_;
    in_a_row_ = 0;
    ended_ = {};
    faults_ = {};
    is_probing_ = false;
    probes_well_ = 0;
}

std::string_view to_string(CircuitBreaker::State state) {
    switch (state) {
        case CircuitBreaker::State::closed:
            return "closed";
        case CircuitBreaker::State::open:
            return "open";
        case CircuitBreaker::State::half_open:
            return "half-open";
    }
    return "?";
}

}  // namespace skein
