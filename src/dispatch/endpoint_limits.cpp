// All limits of one endpoint. Invariant: an attempt takes from every limit in `enter`, and only
// `leave` gives back and learns, so that one result cannot be counted twice. The feedback of a
// request that is itself at fault (`is_at_fault`) changes no limit that slows the endpoint down.
// Control thread only; `now` is always given.
#include "dispatch/endpoint_limits.hpp"

#include "base/assert.hpp"
#include "base/random.hpp"
#include "base/time_math.hpp"
#include "dispatch/words.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

constexpr Duration max_pause = std::chrono::years{1};      // A longer one could overflow the clock.
constexpr Duration short_pause = std::chrono::minutes{2};  // Longest wait of both large SDKs.
constexpr std::size_t push_backs_to_rest =
    3;                            // In a row, at the last place of an endpoint that has served.
constexpr double hopeless = 0.8;  // Share of retries that are pushed back.
constexpr double hopeful = 0.6;   // Share of first attempts that are pushed back.
constexpr Duration between_words = std::chrono::seconds{10};  // Between two messages of a cut.

// Jitter: up to a tenth more, so that all clients that this server sent away do not come back at
// the same moment (thundering herd).
Duration spread(Duration pause, std::uint64_t seed) {
    const auto tenth = static_cast<double>(pause.count()) * 0.1;
    return pause + Duration{static_cast<Duration::rep>(tenth * SplitMix{seed}.unit())};
}

bool is_used_up(const RateNews& news) {
    return news.requests.remaining == 0 || news.tokens.remaining == 0 ||
           news.input_tokens.remaining == 0 || news.output_tokens.remaining == 0;
}

}  // namespace

EndpointLimits::EndpointLimits(EndpointSettings settings)
    : settings_{std::move(settings)},
      room_{settings_.places},
      adaptive_{settings_.places},
      requests_{TokenBucket::per_minute(settings_.rpm, settings_.rates_empty_at)},
      tokens_{
          {settings_.tpm, settings_.input_tpm, settings_.output_tpm, settings_.counts_cached},
          settings_.rates_empty_at},
      breaker_{settings_.places, settings_.seed},
      is_there_{!settings_.is_local} {
    SKEIN_ASSERT(settings_.weight > 0);
}

TimePoint EndpointLimits::ready_at(TimePoint now, const AttemptCost& cost) const {
    if (!is_there_ || !shut_.empty() || !breaker_.is_well() || is_doubted()) return never;
    return std::max(rates_ready_at(now, cost.tokens), quota_.ready_at(now, cost.retry_cost));
}

TimePoint EndpointLimits::ready_for_probe_at(TimePoint now, const AttemptCost& cost) const {
    if (!takes_probes()) return never;
    return std::max(rates_ready_at(now, cost.tokens), breaker_.ready_at(now));
}

TimePoint EndpointLimits::rates_ready_at(TimePoint now, const TokenCost& tokens) const {
    return std::max(
        {room_.ready_at(now),
         adaptive_.ready_at(now, room_.taken()),
         requests_.ready_at(now),
         tokens_.ready_at(now, tokens),
         learned_requests_.ready_at(now),
         pause_.ready_at(now)}
    );
}

EndpointPermit EndpointLimits::enter(TimePoint now, AttemptCost cost) {
    EndpointPermit permit{
        .since = now, .life = life_, .paid = cost, .is_probe = !breaker_.is_well()};
    // A probe is free. An outage empties the retry quota and only answers refill it, so a retry
    // that had to pay could never be the probe that ends the outage.
    if (permit.is_probe) permit.paid.retry_cost = 0;
    first_began_ = std::min(first_began_, now);
    ++tried_;
    alone_ = cost.alone && settings_.is_local;
    permit.permit = breaker_.enter(now, cost.failed_at != TimePoint::min());
    quota_.take(permit.paid.retry_cost);
    room_.enter();
    permit.mark = adaptive_.enter(now, room_.taken());
    requests_.take(now);
    permit.requests = learned_requests_.take(now);
    permit.tokens = tokens_.take(now, cost.tokens);
    return permit;
}

EndpointLimits::Turn EndpointLimits::leave(
    TimePoint now,
    const EndpointPermit& permit,
    const EndpointFeedback& feedback,
    std::optional<double> rival
) {
    const bool counts = feedback.is_success || !is_at_fault(permit);
    learn_pace(now, permit, feedback, counts);
    learn_rates(now, permit, feedback);
    room_.leave();
    if (permit.paid.alone) alone_ = false;
    const auto turn =
        adaptive_.leave(now, permit.mark, is_too_many(permit, feedback), room_.taken());
    // A late report of an earlier incarnation's death must not remove the present worker.
    if (feedback.effect == Effect::vanish && permit.life == life_) vanish();
    // The circuit breaker gets no verdict on a closed endpoint: its circuit is not asked any more.
    if (shuts(feedback)) return Turn::shut;
    switch (breaker_.leave(
        now,
        permit.permit,
        {verdict_on(permit, feedback), counts && !is_busy(permit, feedback), rival}
    )) {
        case CircuitBreaker::Turn::none:
            return worth_telling(now, turn);
        case CircuitBreaker::Turn::opened:
            return Turn::opened;
        case CircuitBreaker::Turn::closed:
            break;
    }
    adaptive_.start_slowly();
    return Turn::closed;
}

// Is the request itself at fault? It fails again, although an attempt that began after its first
// failure was answered, and one was answered since its last failure.
bool EndpointLimits::is_at_fault(const EndpointPermit& permit) const {
    return serves_others_since(permit.paid.failed_at) && answered_at_ > permit.paid.last_failed_at;
}

// A push-back (429, 503, 529) means that the endpoint is alive and busy, which is no evidence for
// the circuit breaker. It is evidence if the endpoint serves nothing: it has never served, has one
// place left, or has pushed back more often in a row than it has places.
bool EndpointLimits::is_busy(const EndpointPermit& permit, const EndpointFeedback& feedback) const {
    const bool serves = pushed_back_in_a_row_ <= settings_.places;
    return feedback.pushed_back && !permit.is_probe && has_served_ && serves &&
           adaptive_.places() > 1;
}

// For a probe of an open circuit a push-back such as 429 is a healthy verdict: the server answers.
Verdict EndpointLimits::verdict_on(const EndpointPermit& permit, const EndpointFeedback& feedback)
    const {
    const bool is_alive =
        permit.is_probe && feedback.pushed_back && feedback.verdict == Verdict::neutral;
    return is_alive ? Verdict::healthy : feedback.verdict;
}

// Is the push-back a sign of too much concurrency? Not if a rate limit is used up, because then
// only time helps. Not if retries are pushed back and first attempts mostly are not, because then
// the rows are at fault.
bool EndpointLimits::is_too_many(const EndpointPermit& permit, const EndpointFeedback& feedback) {
    const bool is_retry = permit.paid.failed_at != TimePoint::min();
    if (!is_retry) firsts_pushed_back_.add(feedback.pushed_back);
    const bool is_telling = feedback.is_success || is_at_fault(permit);
    if (is_retry && is_telling) retries_pushed_back_.add(feedback.pushed_back);
    if (!feedback.pushed_back || is_used_up(feedback.news)) return false;
    return !is_retry || retries_pushed_back_.value() < hopeless ||
           firsts_pushed_back_.value() > hopeful;
}

// Learns the concurrency that the endpoint bears, and its time to first byte.
void EndpointLimits::learn_pace(
    TimePoint now, const EndpointPermit& permit, const EndpointFeedback& feedback, bool is_evidence
) {
    if (!feedback.why.empty()) last_why_ = feedback.why;
    has_shown_life_ = has_shown_life_ || feedback.is_sign_of_life;
    if (feedback.first_byte) {
        first_byte_.began(now, *feedback.first_byte);
        lateness_.began(*feedback.first_byte);
    }
    if (feedback.waited_in_vain && is_evidence) first_byte_.began(now, now - permit.since);
    if (feedback.is_success) {
        quota_.went_well();
        pushed_back_in_a_row_ = 0;
        rounds_in_vain_ = 0;
        has_served_ = true;
        served_at_ = std::max(served_at_, permit.since);
        answered_at_ = now;
        in_vain_since_ = told_to_wait_ = never;
    }
    if (feedback.is_in_vain && feedback.was_sent) learn_that_it_waits(now);
    if (feedback.pushed_back && is_evidence) slow_down(now, permit, feedback);
}

// The endpoint is given up when it tells a request to wait again after `max_outage` without an
// answer. No timer does this, because a Retry-After must be waited for first, however long.
void EndpointLimits::learn_that_it_waits(TimePoint now) {
    in_vain_since_ = std::min(in_vain_since_, now);
    const auto patience = settings_.max_outage;
    const bool is_long =
        patience > Duration::zero() && now >= saturating_add(in_vain_since_, patience);
    if (is_long) told_to_wait_ = std::min(told_to_wait_, now);
}

// Pauses the endpoint at the minimum of one place, or if it has never answered: otherwise all
// requests would be tried in vain here before another endpoint has answered once. Above one place
// the adaptive concurrency limit reacts instead.
void EndpointLimits::slow_down(
    TimePoint now, const EndpointPermit& permit, const EndpointFeedback& feedback
) {
    // The price of a push-back in the load: the pause that the request makes before its next
    // attempt.
    first_byte_.began(now, settings_.push_back.base);
    ++pushed_back_in_a_row_;
    const bool may_be_noise = adaptive_.places() > 1 || pushed_back_in_a_row_ < push_backs_to_rest;
    if (feedback.pause || (has_served_ && may_be_noise)) return;
    // The circuit breaker says when the next probe is due.
    if ((has_served_ || permit.is_probe) && feedback.verdict == Verdict::unhealthy) return;
    // An attempt sent before the last pause began reports the same event; a burst is one round.
    if (permit.since <= paused_at_) return;
    paused_at_ = now;
    SplitMix rng{mix(settings_.seed, ++pauses_)};
    pause_.extend_to(now + settings_.push_back.after(++rounds_in_vain_, rng));
}

void EndpointLimits::learn_rates(
    TimePoint now, const EndpointPermit& permit, const EndpointFeedback& feedback
) {
    // A request taken from the rpm bucket is never given back, even if it was never sent: given
    // back late, it would let two requests start at once. Tokens are corrected, because a
    // reservation is often ten times the use.
    if (feedback.usage) tokens_.settle(now, permit.paid.tokens, *feedback.usage);
    learned_requests_.learn(now, feedback.news.requests, permit.requests);
    tokens_.learn(now, feedback.news, permit.tokens);
    if (feedback.pause) {
        const auto pause = std::min(*feedback.pause, max_pause);
        asked_for_ = pause;
        pause_.extend_to(now + spread(pause, mix(settings_.seed, ++pauses_)));
    }
    // The end of a long pause is stored once. Computed again later, the rest would look short, the
    // endpoint well, and requests that another tier serves now would wait for it.
    const auto rests = rests_until(now);
    if (feedback.parks || rests - now > short_pause) parked_until_ = std::max(parked_until_, rests);
}

TimePoint EndpointLimits::rests_until(TimePoint now) const {
    return std::max(
        {pause_.ready_at(now), learned_requests_.ready_at(now), tokens_.rests_until(now)}
    );
}

// Does the feedback shut the endpoint for the rest of the run? A series of refusals does so only
// before the first answer: an endpoint that has answered has the right address and key, so later
// refusals concern the request.
bool EndpointLimits::shuts(const EndpointFeedback& feedback) {
    const bool is_refusal = feedback.effect == Effect::close_in_a_row && !has_served_;
    refusals_in_a_row_ = is_refusal ? refusals_in_a_row_ + 1 : 0;
    const bool are_all_refused = is_doubted() && room_.taken() == 0;
    const bool shuts = feedback.effect == Effect::close || are_all_refused;
    if (!shuts || !shut_.empty()) return false;
    shut_ = feedback.why;
    if (feedback.is_about_key && !settings_.key_from.empty()) {
        shut_ += ", its key is from " + settings_.key_from;
    }
    if (feedback.is_wrong_address) {
        shut_ += "; is " + settings_.address + " the right address? Nothing was answered there";
        if (!settings_.address_advice.empty()) shut_ += "; " + settings_.address_advice;
    }
    return true;
}

// A cut of the concurrency is reported at most every ten seconds; its end only if it was reported.
EndpointLimits::Turn EndpointLimits::worth_telling(TimePoint now, AdaptiveConcurrency::Turn turn) {
    switch (turn) {
        case AdaptiveConcurrency::Turn::none:
            break;
        case AdaptiveConcurrency::Turn::cut:
            is_cut_told_ = cut_told_at_ == TimePoint::min() || now - cut_told_at_ >= between_words;
            if (!is_cut_told_) break;
            cut_told_at_ = now;
            return Turn::cut;
        case AdaptiveConcurrency::Turn::restored:
            return is_cut_told_ ? Turn::restored : Turn::none;
        case AdaptiveConcurrency::Turn::recovered:
            return is_cut_told_ ? Turn::recovered : Turn::none;
    }
    return Turn::none;
}

TimePoint EndpointLimits::gives_up_at() const {
    // A worker is given up by its supervisor (`Availability::shut`), not by time.
    if (!is_there_ || !shut_.empty() || settings_.is_local) return never;
    const auto after = [](TimePoint since, Duration patience) {
        return patience == Duration::zero() ? never : saturating_add(since, patience);
    };
    if (breaker_.is_well()) return told_to_wait_;
    const auto gone = has_shown_life_ ? after(breaker_.away_since(), settings_.max_outage)
                                      : after(first_began_, settings_.first_answer);
    return std::min(told_to_wait_, gone);
}

std::string EndpointLimits::why_given_up() const {
    if (has_shown_life_) {
        return "has answered nothing for " + seconds_text(settings_.max_outage) +
               " (timeouts.request), last: " + last_why_;
    }
    return never_answered(
        " and " + seconds_text(settings_.first_answer) + " (limits.first_answer)"
    );
}

std::string EndpointLimits::never_answered(std::string_view how_long) const {
    const auto times = std::to_string(tried_) + (tried_ == 1 ? " attempt" : " attempts");
    return "never answered in " + times + std::string{how_long} + ", last: " + last_why_ +
           "; does a server run at " + settings_.address + ", and is that the right address?";
}

std::string EndpointLimits::waits_for(TimePoint now) const {
    if (!shut_.empty() || !is_there_) return {};
    const auto left = [&](TimePoint until) { return seconds_text(until - now) + " left"; };
    if (!breaker_.is_well()) {
        const auto next = std::max(breaker_.ready_at(now), pause_.ready_at(now));
        const auto when = next == never ? "a probe is under way" : "next probe: " + left(next);
        return "does not answer (" + last_why_ + "), " + when;
    }
    if (is_doubted()) return "refused all so far, waits for what is under way";
    if (const auto asked = pause_.ready_at(now); asked > now) {
        return "asked for " + seconds_text(asked_for_) + ", " + left(asked);
    }
    if (const auto rests = rests_until(now); rests > now) return "rate limit, " + left(rests);
    auto bound = tokens_.bound(now);
    if (const auto rpm = requests_.ready_at(now); rpm > bound.until) bound = {"rpm", rpm};
    return bound.until > now ? std::string{bound.name} + ", " + left(bound.until) : std::string{};
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

// Push-backs in a row multiply the load, because the next attempt will probably be pushed back too.
double EndpointLimits::load(TimePoint now) const {
    return first_byte_.load(now, room_.taken(), settings_.weight) *
           static_cast<double>(1 + pushed_back_in_a_row_);
}

}  // namespace skein
