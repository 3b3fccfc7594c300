#pragma once
#include "dispatch/budget.hpp"
#include "dispatch/endpoint_feedback.hpp"
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

namespace skein {

// What the desk is told of an endpoint: nothing of how to reach it.
struct EndpointSettings {
    std::string name{};
    std::size_t places = 1;
    double rpm = 0;  // 0: no such limit.
    double tpm = 0;
    // When nothing of these was saved up; nothing: they begin with the burst that they allow.
    std::optional<TimePoint> rates_empty_at{};
    int tier = 0;
    double weight = 1;
    Price price{};
    std::string key_from{};  // Where its key came from, for whoever must look there.
    Backoff push_back{std::chrono::seconds{1}, std::chrono::seconds{60}};
    std::uint64_t seed = 0;
    // A worker on this machine: it is not there before it is said to be, and serves when all of
    // the tiers before it have been away for so long, or are shut.
    bool is_local = false;
    Duration after{};
    // Where it is, for messages.
    std::string address{};
    std::string address_advice{};  // What to try where it answers nothing.
    // How long it is waited for if it has never given a sign of life, and if it has and went away;
    // zero: for ever.
    Duration first_answer{};
    Duration longest_outage{};
};

// What one attempt asks of the limits.
struct AttemptCost {
    double tokens = 0;
    int retry_cost = 0;  // 0: it is no retry, or one that is free.
    // When its request first failed; the beginning of time if it has not.
    TimePoint failed_at = TimePoint::min();
    TimePoint last_failed_at = TimePoint::min();
    bool alone = false;  // Nothing else may run beside it on a worker.
};

// What an attempt holds of an endpoint from `enter` to `leave`.
struct EndpointPermit {
    TimePoint since{};
    std::uint64_t life = 0;  // Which it was of those that were there one after the other.
    AttemptCost paid{};
    bool is_probe = false;
    CircuitBreaker::Permit permit{};
    AdaptiveConcurrency::Mark mark{};
    LearnedLimit::Mark requests{};
    LearnedLimit::Mark tokens{};
};

// All limits of one endpoint. "When may one more start?" When the last of them says so.
//
//     ready = max(room, adaptive concurrency, rates, learned rates, pause, circuit breaker, quota)
//
// What is learned from how an attempt ended is learned here, in one place: `leave`. A request that
// fails again, although an attempt that began after its first failure was answered, is at fault
// itself: what it does is no evidence against the endpoint. A pause that it was told of is kept all
// the same.
class EndpointLimits {
public:
    // What leaving changed, that somebody should be told of.
    enum class Turn : std::uint8_t { none, shut, opened, closed, cut, restored, recovered };

    explicit EndpointLimits(EndpointSettings settings);

    TimePoint ready_at(TimePoint now, const AttemptCost& cost) const;

    // The same for an attempt that finds out whether it is back. Retries are free then: the
    // circuit breaker already sees to it that there are few.
    TimePoint ready_for_probe_at(TimePoint now, const AttemptCost& cost) const;

    // To be called when one of the two says now. Whoever enters must leave.
    EndpointPermit enter(TimePoint now, AttemptCost cost);
    // `rival`: the share of failures at the best of the others that can serve instead, if any can.
    Turn leave(
        TimePoint now,
        const EndpointPermit& permit,
        const EndpointFeedback& feedback,
        std::optional<double> rival = {}
    );

    // The moment before which nobody leaves for it, whoever he is; `never` if it is shut.
    TimePoint opens_at(TimePoint now) const;

    // Can it serve, now or soon? A busy one is well, one that asked for a short pause is, too. One
    // that is shut, parked or behind an open circuit is not.
    bool is_well(TimePoint now) const;

    // Behind a circuit that is not closed: it takes probes alone.
    bool takes_probes() const { return is_there_ && shut_.empty() && !breaker_.is_well(); }

    // It is there, and is not the one that it was; it is not there now; nor will it be again.
    void appear();
    void vanish() { is_there_ = false; }
    void shut(std::string why);

    // Is it in trouble, though it may be well: shut, parked, behind an open circuit, or did the
    // last two attempts end badly?
    bool is_failing(TimePoint now) const { return !is_well(now) || breaker_.faults_in_a_row() > 1; }
    // Since when it has not been well, where it is not; the beginning of time if it will not be
    // for long.
    TimePoint away_since(TimePoint now) const;

    // From when on it is not worth waiting for: it has never given a sign of life, or has been away
    // for too long. `never` while it is well.
    TimePoint gives_up_at() const;
    std::string why_given_up() const;
    // Has it completed anything yet?
    bool has_served() const { return has_served_; }
    // The begin of the youngest attempt that it has answered.
    TimePoint served_at() const { return served_at_; }
    // When an attempt was last answered here.
    TimePoint answered_at() const { return answered_at_; }
    // Have others been served since a request first failed then? Its retries cost the endpoint
    // nothing: the quota is against outages.
    bool serves_others_since(TimePoint failed_at) const {
        return failed_at != TimePoint::min() && served_at_ > failed_at;
    }
    double failing() const { return breaker_.failing(); }

    // Of a worker: nothing runs there, so that a request can run alone.
    bool is_idle() const { return room_.taken() == 0; }
    bool is_for_one_alone() const { return alone_; }

    // What keeps requests from leaving now, and for how long, in words; empty if nothing does.
    std::string waits_for(TimePoint now) const;

    // Shut for the rest of the run, for this reason; empty while it is not.
    const std::string& shut() const { return shut_; }
    // Until when it asked to be left alone.
    TimePoint rests_until(TimePoint now) const;

    // How much it weighs to send one more there: the smaller, the better.
    double load(TimePoint now) const;
    // How long an answer of this one may take to begin before it is late; nothing if not known.
    std::optional<Duration> late_after() const { return lateness_.late_after(); }
    bool can_pay(int retry_cost) const { return retry_cost <= quota_.level(); }
    // Is it well enough off for attempts that are not needed?
    bool can_spare() const { return quota_.is_above_half(); }

    const EndpointSettings& settings() const { return settings_; }
    const CircuitBreaker& breaker() const { return breaker_; }
    const AdaptiveConcurrency& adaptive() const { return adaptive_; }

private:
    // It has refused so many in a row, and has answered none yet. Refusals end before answers, so
    // what is under way is waited for, and nothing leaves until then.
    bool is_doubted() const { return refusals_in_a_row_ >= refusals_to_doubt; }

    TimePoint rates_ready_at(TimePoint now, double tokens) const;
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
    TokenBucket tokens_;
    LearnedLimit learned_requests_;
    LearnedLimit learned_tokens_;
    Pause pause_;
    CircuitBreaker breaker_;
    UsualShare firsts_pushed_back_{1.0 / 64};
    UsualShare retries_pushed_back_{1.0 / 64};
    RetryQuota quota_;
    PeakEwma first_byte_;
    Lateness lateness_;
    bool is_there_;
    std::uint64_t life_ = 0;  // Times it appeared.
    std::string shut_{};
    TimePoint parked_until_ =
        TimePoint::min();        // By a pause of more than two minutes, or an empty purse.
    int refusals_in_a_row_ = 0;  // Of the kind that shuts it when they come in a row.
    std::size_t pushed_back_in_a_row_ = 0;
    int rounds_in_vain_ = 0;  // Each with a pause behind it.
    TimePoint paused_at_ = TimePoint::min();
    bool has_served_ = false;      // Ever.
    bool has_shown_life_ = false;  // Ever.
    TimePoint served_at_ = TimePoint::min();
    TimePoint answered_at_ = TimePoint::min();
    TimePoint in_vain_since_ = never;  // Told to wait, and nothing answered since;
    TimePoint told_to_wait_ = never;   // and told so again after too long.
    TimePoint first_began_ = never;
    std::uint64_t tried_ = 0;
    std::string last_why_{};
    bool alone_ = false;
    TimePoint cut_told_at_ = TimePoint::min();
    bool is_cut_told_ = false;
    std::uint64_t pauses_ = 0;
    Duration asked_for_{};  // The last pause that it named.
};

}  // namespace skein
