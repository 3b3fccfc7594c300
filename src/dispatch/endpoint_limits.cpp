#include "dispatch/endpoint_limits.hpp"

#include "base/assert.hpp"
#include "base/moments.hpp"
#include "base/random.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

constexpr int refusals_to_shut = 5;
constexpr Duration longest_pause = std::chrono::years{1};  // Beyond it is beyond the clock.
constexpr Duration short_pause = std::chrono::minutes{2};  // What both large SDKs wait at most.

// Up to a tenth more: whoever else was sent away by the same server comes back at another moment.
Duration spread(Duration pause, std::uint64_t seed) {
    const auto tenth = static_cast<double>(pause.count()) * 0.1;
    return pause + Duration{static_cast<Duration::rep>(tenth * SplitMix{seed}.unit())};
}

}  // namespace

EndpointLimits::EndpointLimits(EndpointSettings settings)
    : settings_{std::move(settings)},
      room_{settings_.places},
      adaptive_{settings_.places},
      requests_{TokenBucket::per_minute(settings_.rpm, settings_.rates_empty_at)},
      tokens_{TokenBucket::per_minute(settings_.tpm, settings_.rates_empty_at)},
      breaker_{settings_.seed},
      is_there_{!settings_.is_local} {
    SKEIN_ASSERT(settings_.weight > 0);
}

TimePoint EndpointLimits::ready_at(TimePoint now, const Toll& toll) const {
    if (!is_there_ || !shut_.empty() || !breaker_.is_well()) return never;
    return std::max(rates_ready_at(now, toll.tokens), quota_.ready_at(now, toll.retry_cost));
}

TimePoint EndpointLimits::ready_for_probe_at(TimePoint now, const Toll& toll) const {
    if (!takes_probes()) return never;
    return std::max(rates_ready_at(now, toll.tokens), breaker_.ready_at(now));
}

TimePoint EndpointLimits::rates_ready_at(TimePoint now, double tokens) const {
    return std::max(
        {room_.ready_at(now),
         adaptive_.ready_at(now, room_.taken()),
         requests_.ready_at(now),
         tokens_.ready_at(now, tokens),
         learned_requests_.ready_at(now),
         learned_tokens_.ready_at(now, tokens),
         pause_.ready_at(now)}
    );
}

Stay EndpointLimits::enter(TimePoint now, Toll toll) {
    Stay stay{.since = now, .life = life_, .paid = toll, .is_probe = !breaker_.is_well()};
    if (stay.is_probe) stay.paid.retry_cost = 0;
    stay.permit = breaker_.enter(now);
    quota_.take(stay.paid.retry_cost);
    room_.enter();
    requests_.take(now);
    tokens_.take(now, toll.tokens);
    stay.requests = learned_requests_.take(now);
    stay.tokens = learned_tokens_.take(now, toll.tokens);
    return stay;
}

EndpointLimits::Turn EndpointLimits::leave(TimePoint now, const Stay& stay, const Lesson& lesson) {
    learn_pace(now, stay, lesson);
    learn_rates(now, stay, lesson);
    if (lesson.is_success) quota_.went_well(stay.paid.retry_cost);
    room_.leave();
    // Not for the death of the one before it, that is told late.
    if (lesson.effect == Effect::vanish && stay.life == life_) vanish();
    if (shuts(lesson)) return Turn::shut;
    switch (breaker_.leave(now, stay.permit, lesson.verdict)) {
        case CircuitBreaker::Turn::none:
            return Turn::none;
        case CircuitBreaker::Turn::opened:
            return Turn::opened;
        case CircuitBreaker::Turn::closed:
            break;
    }
    adaptive_.start_slowly();
    return Turn::closed;
}

// How many at once, and how fast it is.
void EndpointLimits::learn_pace(TimePoint now, const Stay& stay, const Lesson& lesson) {
    if (lesson.first_byte) {
        first_byte_.began(now, *lesson.first_byte);
        lateness_.began(*lesson.first_byte);
    }
    if (lesson.waited_in_vain) first_byte_.began(now, now - stay.since);
    if (lesson.is_success) {
        adaptive_.went_well(room_.taken());
        pushed_back_in_a_row_ = 0;
        rounds_in_vain_ = 0;
        has_served_ = true;
    }
    if (lesson.pushed_back) slow_down(now, stay, lesson);
}

// Fewer at once; and where there is one place left, more time between them, as where nobody was
// ever served: there all would be tried in vain before another endpoint has given its first answer.
// Who is sent away must pause before the next try, so that is how long going there takes.
void EndpointLimits::slow_down(TimePoint now, const Stay& stay, const Lesson& lesson) {
    adaptive_.pushed_back(now);
    first_byte_.began(now, settings_.push_back.base);
    ++pushed_back_in_a_row_;
    if (lesson.pause || (has_served_ && adaptive_.places() > 1)) return;
    // Who left before the last pause began tells of it once more; a burst is one round.
    if (stay.since <= paused_at_) return;
    paused_at_ = now;
    SplitMix rng{mix(settings_.seed, ++pauses_)};
    pause_.extend_to(now + settings_.push_back.after(++rounds_in_vain_, rng));
}

void EndpointLimits::learn_rates(TimePoint now, const Stay& stay, const Lesson& lesson) {
    // What was taken from a rate stays taken, also if it never left: given back late, it would let
    // two leave at once. Tokens are corrected, for a reservation is often ten times what was used.
    if (const auto& usage = lesson.usage) {
        const auto used =
            static_cast<double>(usage->input_tokens) + static_cast<double>(usage->output_tokens);
        tokens_.correct(now, used - tokens_.charge_for(stay.paid.tokens));
    }
    learned_requests_.learn(now, lesson.news.requests, stay.requests);
    learned_tokens_.learn(now, lesson.news.tokens, stay.tokens);
    if (lesson.pause) {
        const auto pause = std::min(*lesson.pause, longest_pause);
        pause_.extend_to(now + spread(pause, mix(settings_.seed, ++pauses_)));
    }
    // Kept, and not asked for again: as the end comes nearer it would look short, and everybody
    // would wait for it who is served elsewhere now.
    const auto rests = rests_until(now);
    if (lesson.parks || rests - now > short_pause) parked_until_ = std::max(parked_until_, rests);
}

TimePoint EndpointLimits::rests_until(TimePoint now) const {
    return std::max(
        {pause_.ready_at(now), learned_requests_.ready_at(now), learned_tokens_.ready_at(now)}
    );
}

bool EndpointLimits::shuts(const Lesson& lesson) {
    const bool is_refusal = lesson.effect == Effect::close_in_a_row;
    refusals_in_a_row_ = is_refusal ? refusals_in_a_row_ + 1 : 0;
    const bool shuts = lesson.effect == Effect::close || refusals_in_a_row_ == refusals_to_shut;
    if (!shuts || !shut_.empty()) return false;
    shut_ = lesson.why;
    if (lesson.is_about_key && !settings_.key_from.empty()) {
        shut_ += ", its key is from " + settings_.key_from;
    }
    return true;
}

void EndpointLimits::appear() {
    is_there_ = true;
    ++life_;
    breaker_.start_anew();
}

void EndpointLimits::shut(std::string why) {
    vanish();
    if (shut_.empty()) shut_ = std::move(why);
}

TimePoint EndpointLimits::away_since(TimePoint now) const {
    const bool for_long = !shut_.empty() || parked_until_ > now;
    return for_long ? TimePoint::min() : breaker_.away_since();
}

TimePoint EndpointLimits::opens_at(TimePoint now) const {
    if (!shut_.empty()) return never;
    const auto rests = rests_until(now);
    const bool is_open = breaker_.state(now) == CircuitBreaker::State::open;
    return is_open ? std::max(rests, breaker_.ready_at(now)) : rests;
}

bool EndpointLimits::is_well(TimePoint now) const {
    return is_there_ && shut_.empty() && breaker_.is_well() && parked_until_ <= now;
}

// Who was sent away so many times in a row will most likely be sent away again.
double EndpointLimits::load(TimePoint now) const {
    return first_byte_.load(now, room_.taken(), settings_.weight) * (1 + pushed_back_in_a_row_);
}

}  // namespace skein
