#pragma once
#include "dispatch/budget.hpp"
#include "dispatch/endpoint_feedback.hpp"
#include "dispatch/token_limits.hpp"
#include "limit/adaptive_concurrency.hpp"
#include "limit/backoff.hpp"
#include "limit/breaker.hpp"
#include "limit/concurrency_limit.hpp"
#include "limit/learned_limit.hpp"
#include "limit/pause.hpp"
#include "limit/retry_quota.hpp"
#include "limit/token_bucket.hpp"
#include "limit/usual_share.hpp"
#include "measure/lateness.hpp"
#include "measure/peak_ewma.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

// Settings of an endpoint for the desk: its limits, not how to reach it.
struct EndpointSettings {
    std::string name{};
    std::size_t places = 1;
    double rpm = 0;  // Requests a minute; 0: no limit.
    double tpm = 0;  // Tokens a minute; 0: no limit.
    double input_tpm = 0;
    double output_tpm = 0;
    // Limits of prompts count what is read from a cache as well.
    bool counts_cached = true;
    // Time at which all token buckets were empty. Nothing: they start full.
    std::optional<TimePoint> rates_empty_at{};
    int tier = 0;
    double weight = 1;
    // Faults after which a request goes on to another endpoint, which may serve it.
    std::vector<std::pair<FaultKind, EndpointIndex>> on{};
    Price price{};
    std::string key_from{};  // Source of its key, for messages.
    Backoff push_back{std::chrono::seconds{1}, std::chrono::seconds{60}};
    std::uint64_t seed = 0;
    // A worker on this machine. It is absent until an EndpointUpdate announces it, and serves after
    // all earlier tiers have been away for the time `after`, or are shut.
    bool is_local = false;
    Duration after{};
    // URL of the endpoint, for messages.
    std::string address{};
    std::string address_advice{};  // Advice for the operator if the address answers nothing.
    // Longest wait for the first sign of life, and for an endpoint that has shown life and went
    // away. Zero: no limit.
    Duration first_answer{};
    Duration max_outage{};
};

// The charge of one attempt on the limits of an endpoint.
struct AttemptCost {
    TokenCost tokens{};
    int retry_cost = 0;  // Retry quota; 0: no retry, or a free one.
    // First failure of its request; `min()`: none.
    TimePoint failed_at = TimePoint::min();
    TimePoint last_failed_at = TimePoint::min();
    bool alone = false;  // No other request may run beside it on a worker.
};

// Permit of one attempt at an endpoint, from `enter` to `leave`.
struct EndpointPermit {
    TimePoint since{};
    std::uint64_t life = 0;  // Incarnation of the worker: its number among restarts.
    AttemptCost paid{};
    bool is_probe = false;
    CircuitBreaker::Permit permit{};
    AdaptiveConcurrency::Mark mark{};
    LearnedLimit::Mark requests{};
    TokenLimits::Marks tokens{};
};

// All limits of one endpoint. They answer one question: when may one more attempt start? The latest
// limit decides:
//
//     ready = max(concurrency limit, adaptive concurrency, token buckets, learned rates, pause,
//                 circuit breaker, retry quota)
//
// The limits learn from a finished attempt in one place: `leave`. A request is at fault itself if
// it fails again although an attempt that began after its first failure was answered. Its failures
// are no evidence against the endpoint; a Retry-After that it received is kept all the same.
//
// Not thread-safe; control thread only, like the desk that owns it.
class EndpointLimits {
public:
    // A change caused by `leave` that an operator should hear of.
    enum class Turn : std::uint8_t { none, shut, opened, closed, cut, restored, recovered };

    explicit EndpointLimits(EndpointSettings settings);

    TimePoint ready_at(TimePoint now, const AttemptCost& cost) const;

    // The same for a probe of an open circuit. A probe takes no retry quota, because the circuit
    // breaker already keeps probes few.
    TimePoint ready_for_probe_at(TimePoint now, const AttemptCost& cost) const;

    // Call when one of the two returns `now` or earlier. Every `enter` needs exactly one `leave`.
    EndpointPermit enter(TimePoint now, AttemptCost cost);
    // `rival`: failure share of the best other endpoint that can serve; nothing if there is none.
    Turn leave(
        TimePoint now,
        const EndpointPermit& permit,
        const EndpointFeedback& feedback,
        std::optional<double> rival = {}
    );

    // Earliest start of any attempt, as far as pauses and the circuit breaker are concerned;
    // `never` if the endpoint is shut.
    TimePoint opens_at(TimePoint now) const;

    // Can the endpoint serve, now or soon? A busy endpoint is well, and so is one with a short
    // pause. An endpoint that is shut, parked or behind an open circuit is not well.
    bool is_well(TimePoint now) const;

    // The circuit is open or half-open: the endpoint takes only probes.
    bool takes_probes() const { return is_there_ && shut_.empty() && !breaker_.is_well(); }

    // A new incarnation of the worker is available.
    void appear();
    // The worker is gone, and may come back.
    void vanish() { is_there_ = false; }
    // The endpoint is gone for the rest of the run.
    void shut(std::string why);

    // Early sign of trouble: the endpoint is not well, or its last two verdicts were unhealthy.
    bool is_failing(TimePoint now) const { return !is_well(now) || breaker_.faults_in_a_row() > 1; }
    // Start of the present outage. `min()` if the endpoint is shut or parked: no need to wait then.
    TimePoint away_since(TimePoint now) const;

    // Time from which waiting for the endpoint is pointless: no sign of life so far, or away or
    // pushing back for too long. `never` if no such time is set.
    TimePoint gives_up_at() const;
    std::string why_given_up() const;
    // `never answered in 5 attempts…, last: …; does a server run at …?`
    std::string never_answered(std::string_view how_long = {}) const;
    // Has a server that speaks the API answered there in this run, be it with a refusal?
    bool has_shown_life() const { return has_shown_life_; }
    // Has the endpoint completed a request yet?
    bool has_served() const { return has_served_; }
    // Start of the youngest attempt that it has answered.
    TimePoint served_at() const { return served_at_; }
    // Time of the last answer.
    TimePoint answered_at() const { return answered_at_; }
    // Was an attempt answered that began after `failed_at`? Then retries of a request that first
    // failed at that time are free here, because the retry quota is a budget against outages.
    bool serves_others_since(TimePoint failed_at) const {
        return failed_at != TimePoint::min() && served_at_ > failed_at;
    }
    double failing() const { return breaker_.failing(); }

    // No attempt is in flight, so that a request can run alone on this worker.
    bool is_idle() const { return room_.taken() == 0; }
    bool is_for_one_alone() const { return alone_; }

    // The limit that blocks attempts now, and for how long, as text; empty if no limit blocks.
    std::string waits_for(TimePoint now) const;

    // Reason why the endpoint is shut for the rest of the run; empty while it is not shut.
    const std::string& shut() const { return shut_; }
    // End of the present pause: Retry-After or a learned rate limit.
    TimePoint rests_until(TimePoint now) const;

    // Load for the power of two choices: the endpoint with the smaller value is better.
    double load(TimePoint now) const;
    // Time from which an answer that has not begun is late; nothing while it is not known.
    std::optional<Duration> late_after() const { return lateness_.late_after(); }
    bool can_pay(int retry_cost) const { return retry_cost <= quota_.level(); }
    // Is the retry quota more than half full, so that hedges are affordable?
    bool can_spare() const { return quota_.is_above_half(); }

    const EndpointSettings& settings() const { return settings_; }
    const CircuitBreaker& breaker() const { return breaker_; }
    const AdaptiveConcurrency& adaptive() const { return adaptive_; }

private:
    // The endpoint has refused five requests in a row and has answered none yet. No attempt starts
    // until those in flight have ended, because refusals arrive sooner than answers.
    bool is_doubted() const { return refusals_in_a_row_ >= refusals_to_doubt; }

    TimePoint rates_ready_at(TimePoint now, const TokenCost& tokens) const;
    bool is_at_fault(const EndpointPermit& permit) const;
    bool is_busy(const EndpointPermit& permit, const EndpointFeedback& feedback) const;
    void learn_that_it_waits(TimePoint now);
    Verdict verdict_on(const EndpointPermit& permit, const EndpointFeedback& feedback) const;
    bool is_too_many(const EndpointPermit& permit, const EndpointFeedback& feedback);
    void learn_pace(
        TimePoint now,
        const EndpointPermit& permit,
        const EndpointFeedback& feedback,
        bool is_evidence
    );
    void learn_rates(TimePoint now, const EndpointPermit& permit, const EndpointFeedback& feedback);
    void slow_down(TimePoint now, const EndpointPermit& permit, const EndpointFeedback& feedback);
    bool shuts(const EndpointFeedback& feedback);
    Turn worth_telling(TimePoint now, AdaptiveConcurrency::Turn turn);

    static constexpr int refusals_to_doubt = 5;

    EndpointSettings settings_;
    ConcurrencyLimit room_;
    AdaptiveConcurrency adaptive_;
    TokenBucket requests_;
    LearnedLimit learned_requests_;
    TokenLimits tokens_;
    Pause pause_;
    CircuitBreaker breaker_;
    UsualShare firsts_pushed_back_{1.0 / 64};
    UsualShare retries_pushed_back_{1.0 / 64};
    RetryQuota quota_;
    PeakEwma first_byte_;
    Lateness lateness_;
    bool is_there_;
    std::uint64_t life_ = 0;  // Incarnation: number of `appear` calls.
    std::string shut_{};
    TimePoint parked_until_ =
        TimePoint::min();        // Cooldown: a pause of over two minutes, or an exhausted quota.
    int refusals_in_a_row_ = 0;  // Faults with `Effect::close_in_a_row`.
    std::size_t pushed_back_in_a_row_ = 0;
    int rounds_in_vain_ = 0;  // Pauses of our own since the last answer.
    TimePoint paused_at_ = TimePoint::min();
    bool has_served_ = false;      // In this run.
    bool has_shown_life_ = false;  // In this run.
    TimePoint served_at_ = TimePoint::min();
    TimePoint answered_at_ = TimePoint::min();
    TimePoint in_vain_since_ = never;  // First attempt in vain since the last answer.
    TimePoint told_to_wait_ = never;   // First attempt in vain after `max_outage` of them.
    TimePoint first_began_ = never;
    std::uint64_t tried_ = 0;
    std::string last_why_{};
    bool alone_ = false;
    TimePoint cut_told_at_ = TimePoint::min();
    bool is_cut_told_ = false;
    std::uint64_t pauses_ = 0;
    Duration asked_for_{};  // The last Retry-After.
};

}  // namespace skein
