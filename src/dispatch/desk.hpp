#pragma once
#include "dispatch/endpoint_limits.hpp"
#include "dispatch/line.hpp"
#include "dispatch/retry.hpp"
#include "limit/concurrency_limit.hpp"
#include "limit/hedge_share.hpp"
#include "model/attempt.hpp"
#include "model/availability.hpp"

#include <skein/tally.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skein {

// Decides who may go where, now. It knows every limit and waits for none.
//
//     ready = the earliest of the endpoints, each as late as the latest of its limits
//
// The oldest request goes first, retries among them, because the output is in order and everybody
// waits for the oldest. It gets its endpoint at the moment it can leave, not before.
//
//   - A tier serves only while no endpoint of an earlier one is well. A busy one is well. What is
//     on this machine serves when they have been away for a while.
//   - Of several that are ready, the better of two drawn at random: the one that lately began its
//     answers sooner, for what it has to do. A retry goes elsewhere than before, if it can.
//   - What is behind an open circuit gets one request at a time to try it with, as soon as its time
//     has come, before anything else and also while a later tier serves.
//   - What may pass a limit of the whole run is not sent.
//   - Retries wait for the quota of the endpoint, and let others pass.
//   - A request that may have killed a worker runs there alone: one worker is cleared for it.
class Desk {
public:
    struct Settings {
        std::size_t in_flight = 64;
        // An endpoint that asks for a longer pause is no longer usable.
        Duration longest_park = std::chrono::minutes{15};
        std::uint64_t seed = 0;  // Of the two that are drawn.
        BudgetSettings budget{};
    };

    // Leave to make one attempt. Settled exactly once.
    struct Grant {
        Sequence seq = 0;
        EndpointIndex endpoint = 0;
        CostEstimate estimate{};  // By the request itself.
        CostEstimate reserved{};  // Of the budget.
        EndpointPermit permit{};
    };

    Desk(const std::vector<EndpointSettings>& endpoints, const Settings& settings);

    void line_up(const Waiting& who) { line_.add(who); }

    // A reply that was delivered keeps a place of the whole run until it is recorded. More may be
    // recorded than are kept: a request that was turned away at the door had no place.
    void keep_place() { ++unrecorded_; }
    void recorded(std::size_t count) { unrecorded_ -= std::min(unrecorded_, count); }

    // Nothing leaves while it is held back.
    void hold_back(bool is_held_back) { is_held_back_ = is_held_back; }

    // Leaves the line. False if a grant came first.
    bool step_out(Sequence seq) { return line_.remove(seq); }

    // The next who may leave, now, if anybody may.
    std::optional<Grant> next(TimePoint now);

    // Leave to ask a second endpoint as well, now or not at all, for one whose answer does not
    // begin; `last` of `who` is where he waits. Only where there is plenty of everything.
    std::optional<Grant> hedge(const Waiting& who, TimePoint now);

    // From when on that is worth asking for; nothing if it is not known.
    std::optional<Duration> late_after(EndpointIndex endpoint) const {
        return endpoints_[endpoint].late_after();
    }

    // When `next` or `too_late` may have an answer, if nothing else happens.
    TimePoint ready_at(TimePoint now) const;

    // What changed at the endpoint, for an operator; mostly nothing.
    std::string settle(const Grant& grant, const EndpointFeedback& feedback, TimePoint now);

    // Which limit of the whole run keeps somebody from leaving whose turn it is, in words; nothing
    // while none does, or while what is in flight may turn out to have cost less.
    std::optional<std::string> over_budget(TimePoint now) const;

    // What a completion cost there; nothing if no price is known.
    std::optional<double> cost_of(EndpointIndex endpoint, const Usage& usage) const;

    // Why no endpoint can serve any more; nothing while one can.
    std::optional<std::string> unusable(TimePoint now) const;

    // Is there no endpoint left that could serve what cannot be served on this machine?
    bool is_all_local(TimePoint now) const;

    // A worker comes, or goes.
    void take(EndpointUpdate news);
    // What became of the first tries of all requests so far; whether an attempt was answered that
    // began after a request had first failed, and any since it last did.
    Witnesses witnesses(TimePoint failed_at, TimePoint last_failed_at) const {
        const bool are_served = served_at_ > failed_at;
        const bool are_served_now = are_served && answered_at_ > last_failed_at;
        return {first_tries_, first_tries_in_vain_, are_served, are_served_now};
    }
    // When an attempt was last answered, anywhere.
    TimePoint answered_at() const { return answered_at_; }
    const std::string& shut(EndpointIndex endpoint) const { return endpoints_[endpoint].shut(); }
    // Is there one that can serve, now or soon?
    bool is_any_well(TimePoint now) const;
    bool has_served() const { return served_at_ != TimePoint::min(); }
    // Is there another remote endpoint that may serve?
    bool is_there_other_than(EndpointIndex endpoint, TimePoint now) const;
    // Has this endpoint completed anything yet?
    bool has_served(EndpointIndex endpoint) const { return endpoints_[endpoint].has_served(); }
    bool is_local(EndpointIndex endpoint) const { return endpoints_[endpoint].settings().is_local; }
    // Has any endpoint shown signs of trouble for which local workers, if there are any, had better
    // be made ready? Once it has, this stays so.
    bool wants_local() const { return wants_local_; }

    // The moment before which nobody leaves, whoever he is.
    TimePoint opens_at(TimePoint now) const;

    // Somebody whose turn it is, and who has no time left for it, or will have none before any
    // endpoint opens.
    std::optional<Sequence> too_late(TimePoint now) const;

    const std::string& name(EndpointIndex endpoint) const {
        return endpoints_[endpoint].settings().name;
    }
    const std::string& address_advice(EndpointIndex endpoint) const {
        return endpoints_[endpoint].settings().address_advice;
    }
    std::size_t endpoints() const { return endpoints_.size(); }
    // Fills in its name and its state.
    void describe(TimePoint now, EndpointIndex endpoint, EndpointTally& tally) const;
    std::size_t in_flight() const { return in_flight_.taken(); }
    std::size_t in_line() const { return line_.size(); }
    std::optional<Sequence> oldest_in_line() const;
    std::optional<Sequence> oldest_not_local() const;

private:
    // One who may leave for one endpoint, from a moment on.
    struct Candidate {
        const Waiting* who;
        EndpointIndex endpoint;
        AttemptCost cost;
        TimePoint from;
        bool has_precedence = false;  // To find out whether the endpoint is back.
    };

    AttemptCost attempt_cost_of(const Waiting& who, int retry_cost) const;
    template <class See>
    void for_each_candidate(TimePoint now, See see) const;
    template <class See>
    void for_each_way_of(const Waiting& who, TimePoint now, std::size_t reach, See see) const;
    std::size_t reach_at(TimePoint now) const;
    TimePoint serves_from(const EndpointLimits& endpoint, TimePoint now) const;
    bool may_none_leave() const;
    bool may_serve(EndpointIndex at, const Waiting& who) const;
    std::optional<EndpointIndex> cleared_worker(TimePoint now) const;
    TimePoint alone_from(EndpointIndex at, const Waiting& who, TimePoint now) const;
    std::optional<double> rival_of(
        EndpointIndex at, const EndpointFeedback& feedback, TimePoint now
    ) const;
    std::string why_unusable(const EndpointLimits& endpoint, TimePoint now) const;
    std::string over_budget(const Waiting& who, TimePoint now) const;
    bool affordable(const Waiting& who, EndpointIndex at) const;
    bool is_usable(const EndpointLimits& endpoint, TimePoint now) const;
    const Candidate& best_of_ready(TimePoint now);
    Grant leave(const Waiting& who, const Candidate& candidate, TimePoint now);
    static std::string news_of(
        const EndpointLimits& endpoint,
        EndpointLimits::Turn turn,
        const EndpointFeedback& feedback,
        TimePoint now
    );

    std::vector<EndpointLimits> endpoints_;
    std::vector<EndpointIndex> by_tier_;  // Earlier tiers first.
    ConcurrencyLimit in_flight_;
    std::size_t unrecorded_ = 0;  // Replies that keep a place beside those in flight.
    HedgeShare hedges_;
    Budget budget_;
    bool is_held_back_ = false;
    Estimate estimate_;
    Line line_;
    Settings settings_;
    bool wants_local_ = false;
    std::uint64_t first_tries_ = 0;          // That have ended,
    std::uint64_t first_tries_in_vain_ = 0;  // and of these, told to wait or never left.
    TimePoint answered_at_ = TimePoint::min();
    TimePoint served_at_ = TimePoint::min();  // The begin of the youngest attempt answered.
    std::vector<Candidate> ready_;            // Of `next`; kept for its memory.
};

}  // namespace skein
