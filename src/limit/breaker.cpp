// The circuit breaker of one endpoint: a finite state machine (closed, open, half-open) and the
// statistical test that opens it. The header explains the rules.
// Invariant: in half-open at most one probe is in flight, and a permit of an older generation
// changes nothing.
// Pure: no clock, no lock; the dispatcher calls it on the control thread.
#include "limit/breaker.hpp"

#include "base/assert.hpp"
#include "base/random.hpp"

#include <algorithm>
#include <cmath>

namespace skein {
namespace {

// A window of n · 512 attempts is tested at every n-th failure, because with 10,000 attempts in
// flight the test is slow, and one more failure changes little.
constexpr std::size_t attempts_per_look = 512;

// Jitter: 0.8 to 1.2 times the duration.
Duration spread(Duration duration, double unit) {
    const auto length = static_cast<double>(duration.count());
    return Duration{static_cast<Duration::rep>(length * (0.8 + 0.4 * unit))};
}

// The Kullback–Leibler divergence of two Bernoulli distributions, for Chernoff's bound:
// P(share >= seen in n attempts) <= exp(-n * divergence(seen, usual)), for seen > usual.
double divergence(double seen, double usual) {
    const double well = seen >= 1 ? 0 : (1 - seen) * std::log((1 - seen) / (1 - usual));
    return seen * std::log(seen / usual) + well;
}

RecentAttempts::End end_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::healthy:
            return RecentAttempts::End::well;
        case Verdict::unhealthy:
            return RecentAttempts::End::failed;
        case Verdict::neutral:
            break;
    }
    return RecentAttempts::End::no_evidence;
}

}  // namespace

CircuitBreaker::CircuitBreaker(
    std::size_t max_at_once, std::uint64_t seed, const BreakerSettings& settings
)
    : settings_{settings}, seed_{seed}, recent_{max_at_once} {
    SKEIN_ASSERT(settings.min > 0);
    SKEIN_ASSERT(settings.max_of > 0 && settings.max_of <= 1);
    SKEIN_ASSERT(settings.chance > 0 && settings.chance < 1);
}

TimePoint CircuitBreaker::ready_at(TimePoint now) const {
    if (is_probing_) return never;
    return state_ == State::open ? std::max(now, open_until_) : now;
}

CircuitBreaker::Permit CircuitBreaker::enter(TimePoint now, bool is_retry) {
    SKEIN_ASSERT(ready_at(now) <= now);
    // The attempt that enters makes the circuit half-open; time alone changes no state.
    if (state_ == State::open) change_to(State::half_open);
    is_probing_ = state_ == State::half_open;
    return {generation_, recent_.began(is_retry), is_retry};
}

CircuitBreaker::Turn CircuitBreaker::leave(TimePoint now, const Permit& permit, const End& end) {
    SKEIN_ASSERT(permit.generation <= generation_);
    if (permit.generation != generation_) return Turn::none;
    const auto verdict = end.is_evidence ? end.verdict : Verdict::neutral;
    recent_.ended(permit.number, end_of(verdict));
    if (state_ == State::half_open) return judge_probe(now, verdict);
    if (end.verdict == Verdict::neutral) return Turn::none;
    // Added before the judgement, so `is_no_chance` takes the sample out of the usual share again.
    (permit.is_retry ? again_ : first_).add(end.verdict == Verdict::unhealthy);
    return end.is_evidence ? judge(now, end) : Turn::none;
}

CircuitBreaker::State CircuitBreaker::state(TimePoint now) const {
    return state_ == State::open && now >= open_until_ ? State::half_open : state_;
}

void CircuitBreaker::start_anew() {
    change_to(State::closed);
    first_.forget();
    again_.forget();
    has_been_well_ = false;
}

CircuitBreaker::Turn CircuitBreaker::judge(TimePoint now, const End& end) {
    const bool is_fault = end.verdict == Verdict::unhealthy;
    in_a_row_ = is_fault ? in_a_row_ + 1 : 0;
    has_been_well_ = has_been_well_ || !is_fault;
    if (!is_fault) return Turn::none;
    if (++failures_ < std::max<std::size_t>(1, recent_.size() / attempts_per_look))
        return Turn::none;
    // The next look waits for as many failures again.
    failures_ = 0;
    const bool is_worse = end.rival && is_worse_than(*end.rival);
    return is_worse || is_outage() ? open(now) : Turn::none;
}

CircuitBreaker::Turn CircuitBreaker::judge_probe(TimePoint now, Verdict verdict) {
    is_probing_ = false;
    if (verdict == Verdict::neutral) return Turn::none;
    if (verdict == Verdict::unhealthy) return open(now);
    has_been_well_ = true;
    return close();
}

RecentAttempts::Share CircuitBreaker::lately() const {
    return recent_.look_back([this](const auto& share) {
        return share.first_tries() < settings_.window;
    });
}

double CircuitBreaker::failing() const {
    const auto share = lately();
    const auto failed = static_cast<double>(share.failed - share.retries_failed);
    return share.first_tries() == 0 ? 0 : failed / static_cast<double>(share.first_tries());
}

// Tests every window that ends at the youngest ended attempt, and stops at the first one whose
// failures are beyond chance. So a sudden outage is found in a short window, and a slow one in a
// long window.
bool CircuitBreaker::is_outage() const {
    bool is_found = false;
    recent_.look_back([&](const auto& share) {
        is_found = is_no_chance(share);
        return !is_found;
    });
    return is_found;
}

// Whether so many failures are too improbable to be chance. The usual share leaves out the attempts
// of this sample, which would otherwise vouch for themselves. An endpoint that never answered has
// no usual share.
bool CircuitBreaker::is_no_chance(const RecentAttempts::Share& share) const {
    const auto began = static_cast<double>(share.began);
    const auto failed = static_cast<double>(share.failed);
    if (share.failed < settings_.min || failed < settings_.max_of * began) return false;
    if (!has_been_well_) return true;
    const double first =
        first_.without(share.ended - share.retries_ended, share.failed - share.retries_failed);
    const double again = again_.without(share.retries_ended, share.retries_failed);
    const double of_retries = static_cast<double>(share.retries) / began;
    const double usual = (1 - of_retries) * first + of_retries * again;
    return share.value() > usual &&
           -began * divergence(share.value(), usual) <= std::log(settings_.chance);
}

bool CircuitBreaker::is_worse_than(double rival) const {
    const double share = failing();
    return lately().first_tries() >= settings_.window && share >= settings_.share &&
           share >= settings_.factor * rival;
}

CircuitBreaker::Turn CircuitBreaker::open(TimePoint now) {
    // A probe that failed goes on with the same outage: its begin sets the next pause.
    if (state_ == State::closed) {
        away_since_ = now;
        ++outages_;
    }
    const auto away = static_cast<double>((now - away_since_).count());
    const Duration share{static_cast<Duration::rep>(away * settings_.of_outage)};
    SplitMix rng{mix(seed_, times_opened_++)};
    open_until_ = now + spread(std::clamp(share, settings_.open_for, settings_.max), rng.unit());
    change_to(State::open);
    return Turn::opened;
}

CircuitBreaker::Turn CircuitBreaker::close() {
    change_to(State::closed);
    return Turn::closed;
}

// A new generation: permits of the former state no longer count.
void CircuitBreaker::change_to(State state) {
    state_ = state;
    ++generation_;
    recent_.forget();
    in_a_row_ = 0;
    is_probing_ = false;
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
