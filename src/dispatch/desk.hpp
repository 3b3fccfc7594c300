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

// The scheduler: it decides which waiting request starts at which endpoint, and when. It knows
// every limit and never blocks. It reads no clock: `now` is an argument. Not thread-safe; the
// dispatcher owns it.
//
//     ready = min over the endpoints of (max over the limits of that endpoint)
//
// The oldest request starts first, retries included, because the output is in order and waits for
// the oldest row. A request is bound to an endpoint at the moment it starts, not before (late
// binding).
//
//   - A tier serves only while no endpoint of an earlier tier is well. A busy endpoint is well. A
//     worker on this machine serves when the earlier tiers have been away for a while. For a
//     request that only some endpoints can serve, only these count.
//   - Load balancing is power of two choices: two of the ready endpoints are drawn at random, and
//     the one with the lower load (recent time to first byte, times attempts in flight) is used. A
//     retry avoids the endpoint of the attempt before, if another endpoint is ready.
//   - An endpoint with an open circuit receives one probe at a time, at a time that the circuit
//     breaker sets. A probe precedes other requests, and is sent while a later tier serves, too.
//   - A request whose cost could pass a limit of the whole run is not sent.
//   - Retries wait for the retry quota of the endpoint, and younger requests overtake them.
//   - A request that may have killed a worker runs alone: one worker is cleared for it.
class Desk {
public:
    struct Settings {
        std::size_t in_flight = 64;
        // Longest Retry-After that is honoured. An endpoint that asks for more is unusable.
        Duration max_retry_after = std::chrono::minutes{15};
        std::uint64_t seed = 0;  // Of the random draw of two endpoints.
        BudgetSettings budget{};
    };

    // Permit to start one attempt. The caller settles it exactly once.
    struct Grant {
        Sequence seq = 0;
        EndpointIndex endpoint = 0;
        CostEstimate estimate{};  // From the request itself.
        CostEstimate reserved{};  // Taken from the budget.
        EndpointPermit permit{};
    };

    Desk(const std::vector<EndpointSettings>& endpoints, const Settings& settings);

    void line_up(const Waiting& who);

    // A delivered reply occupies one in-flight place of the run until it is recorded. `count` may
    // exceed the number of occupied places, because a request that was rejected before it was
    // submitted is recorded too and had no place.
    void keep_place() { ++unrecorded_; }
    void recorded(std::size_t count) { unrecorded_ -= std::min(unrecorded_, count); }

    // While held back, `next` and `hedge` grant nothing.
    void hold_back(bool is_held_back) { is_held_back_ = is_held_back; }

    // Removes the request from the line. False if it is not there, because it got its grant before.
    bool step_out(Sequence seq) { return line_.remove(seq); }

    // The next grant that can start now, or nothing.
    std::optional<Grant> next(TimePoint now);

    // Grant for a hedged request: a second attempt at another endpoint while the first attempt's
    // answer has not begun. It is given now or never. `who.last` is the endpoint of the first
    // attempt. Given only when the hedge share, the budget and the retry quota have room to spare.
    std::optional<Grant> hedge(const Waiting& who, TimePoint now);

    // Time after the start of an attempt from which a hedge is useful: the 95th percentile of the
    // endpoint's time to first byte, at least one second. Nothing while it is not known.
    std::optional<Duration> late_after(EndpointIndex endpoint) const {
        return endpoints_[endpoint].late_after();
    }

    // Earliest time at which `next` or `too_late` may return something, if no other event comes.
    TimePoint ready_at(TimePoint now) const;

    // Returns the grant's slot and teaches the limits from the result. The text tells an operator
    // what changed at the endpoint; mostly it is empty.
    std::string settle(const Grant& grant, const EndpointFeedback& feedback, TimePoint now);

    // The limit of the whole run that keeps a head of the line from starting, as a sentence.
    // Nothing if no limit does, or while attempts are in flight, because their actual cost may be
    // lower than their reservation.
    std::optional<std::string> over_budget(TimePoint now) const;

    // Cost of a completion at this endpoint; nothing if no price is known.
    std::optional<double> cost_of(
        EndpointIndex endpoint, const Usage& usage, std::string_view service_tier
    ) const;

    // The reasons why every endpoint is unusable; nothing while at least one endpoint is usable.
    std::optional<std::string> unusable(TimePoint now) const;

    // A request in the line that can only be served by endpoints which are all unusable, while
    // others are usable.
    std::optional<Sequence> stranded(TimePoint now) const;

    // The reasons why these endpoints are unusable, for a stranded request.
    std::string why_stranded(const EndpointSet& cannot, TimePoint now) const;

    // A worker became available, went away or is shut.
    void take(EndpointUpdate news);
    // Counts of all first tries so far. Also whether an attempt that began after `failed_at` was
    // answered, and whether any attempt was answered after `last_failed_at`.
    Witnesses witnesses(TimePoint failed_at, TimePoint last_failed_at) const {
        const bool are_served = served_at_ > failed_at;
        const bool are_served_now = are_served && answered_at_ > last_failed_at;
        return {first_tries_, first_tries_in_vain_, are_served, are_served_now};
    }
    // Time of the last answer of any endpoint.
    TimePoint answered_at() const { return answered_at_; }
    const std::string& shut(EndpointIndex endpoint) const { return endpoints_[endpoint].shut(); }
    // Can any endpoint serve, now or soon?
    bool is_any_well(TimePoint now) const;
    // Has any endpoint shown in this run that a server which speaks the API is there?
    bool has_any_shown_life() const;
    // The question for the operator if none has.
    std::string never_answered(EndpointIndex endpoint) const {
        return endpoints_[endpoint].never_answered();
    }
    bool has_served() const { return served_at_ != TimePoint::min(); }
    // Is a remote endpoint usable that is neither this one nor in `cannot`?
    bool is_there_other_than(EndpointIndex endpoint, const EndpointSet& cannot, TimePoint now)
        const;
    // Is any remote endpoint usable that is not in `cannot`?
    bool is_there_remote(const EndpointSet& cannot, TimePoint now) const {
        return is_there_other_than(endpoints_.size(), cannot, now);
    }
    // The endpoint to which a request goes on that this one cannot serve, by the settings `on`.
    // Nothing: the settings name none, or the request cannot be served there.
    std::optional<EndpointIndex> next_for(
        EndpointIndex endpoint, FaultKind kind, const EndpointSet& cannot, TimePoint now
    ) const;
    // All remote endpoints but this one.
    EndpointSet all_but(EndpointIndex endpoint) const;
    // Has this endpoint completed a request yet?
    bool has_served(EndpointIndex endpoint) const { return endpoints_[endpoint].has_served(); }
    bool is_local(EndpointIndex endpoint) const { return endpoints_[endpoint].settings().is_local; }
    // Has a remote endpoint been failing, or does a request wait that none can serve, so that local
    // workers should be made ready? Once true, it stays true.
    bool wants_local() const { return wants_local_; }

    // Earliest time at which any usable endpoint accepts an attempt: no pause, no open circuit.
    TimePoint opens_at(TimePoint now) const;

    // A head of the line whose latest start has passed, or will pass before any endpoint opens.
    std::optional<Sequence> too_late(TimePoint now) const;

    const std::string& name(EndpointIndex endpoint) const {
        return endpoints_[endpoint].settings().name;
    }
    const std::string& address_advice(EndpointIndex endpoint) const {
        return endpoints_[endpoint].settings().address_advice;
    }
    std::size_t endpoints() const { return endpoints_.size(); }
    // Fills in the endpoint's name and state.
    void describe(TimePoint now, EndpointIndex endpoint, EndpointTally& tally) const;
    std::size_t in_flight() const { return in_flight_.taken(); }
    std::size_t in_line() const { return line_.size(); }
    std::optional<Sequence> oldest_in_line() const;

private:
    // A waiting request paired with one endpoint, and the earliest time it can start there.
    struct Candidate {
        const Waiting* who;
        EndpointIndex endpoint;
        AttemptCost cost;
        TimePoint from;
        bool has_precedence = false;  // A probe of an endpoint with an open circuit.
    };

    AttemptCost attempt_cost_of(const Waiting& who, EndpointIndex at, int retry_cost) const;
    template <class See>
    void for_each_candidate(TimePoint now, See see) const;
    template <class See>
    void for_each_way_of(const Waiting& who, TimePoint now, std::size_t reach, See see) const;
    template <class Can>
    std::size_t reach(TimePoint now, Can can) const;
    std::size_t reach_at(TimePoint now) const;
    std::size_t reach_of(const Waiting& who, std::size_t usual, TimePoint now) const;
    TimePoint serves_from(EndpointIndex at, const Waiting& who, TimePoint now) const;
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
    std::vector<EndpointIndex> by_tier_;  // Indices, earlier tiers first.
    ConcurrencyLimit in_flight_;
    std::size_t unrecorded_ = 0;  // Delivered replies that still occupy a place of the run.
    HedgeShare hedges_;
    Budget budget_;
    bool is_held_back_ = false;
    Estimate estimate_;
    Line line_;
    Settings settings_;
    bool wants_local_ = false;
    std::uint64_t first_tries_ = 0;          // First attempts of requests that have ended.
    std::uint64_t first_tries_in_vain_ = 0;  // Of these: told to wait, or never sent.
    TimePoint answered_at_ = TimePoint::min();
    TimePoint served_at_ = TimePoint::min();  // Start of the youngest attempt that was answered.
    std::vector<Candidate> ready_;            // Scratch of `next` and `hedge`; kept for its memory.
};

}  // namespace skein
