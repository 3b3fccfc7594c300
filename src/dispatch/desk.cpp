// The scheduler: from the line, the endpoints' limits and the budget it finds the next grant.
// Invariant: each grant holds one in-flight place, one reservation of the budget and one permit of
// its endpoint; `settle` returns all three. `next` and `ready_at` walk the same candidates, so that
// the announced time and the grant cannot disagree. Control thread only; `now` is always given.
#include "dispatch/desk.hpp"

#include "base/assert.hpp"
#include "base/random.hpp"
#include "base/time_math.hpp"
#include "dispatch/words.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

namespace skein {

// The tokens and the retry quota that an attempt takes from an endpoint's limits.
AttemptCost Desk::attempt_cost_of(const Waiting& who, EndpointIndex at, int retry_cost) const {
    const auto likely = estimate_.likely(who.estimate);
    const bool counts_cached = endpoints_[at].settings().counts_cached;
    const TokenCost tokens{
        likely.tokens(),
        counts_cached ? likely.input_tokens : estimate_.uncached_input(who.estimate),
        estimate_.written_output(who.estimate)};
    return {tokens, retry_cost, who.failed_at, who.last_failed_at, who.alone};
}

Desk::Desk(const std::vector<EndpointSettings>& endpoints, const Settings& settings)
    : by_tier_(endpoints.size()),
      in_flight_{settings.in_flight},
      budget_{settings.budget},
      settings_{settings} {
    SKEIN_ASSERT(!endpoints.empty());
    for (const auto& endpoint : endpoints) endpoints_.emplace_back(endpoint);
    std::iota(by_tier_.begin(), by_tier_.end(), EndpointIndex{0});
    // Stable: within a tier the endpoints keep the order of the settings.
    std::ranges::stable_sort(by_tier_, {}, [&](auto i) { return endpoints[i].tier; });
}

void Desk::line_up(const Waiting& who) {
    line_.add(who);
    if (who.cannot.empty() || who.not_local || wants_local_) return;
    wants_local_ =
        std::ranges::all_of(by_tier_, [&](auto i) { return is_local(i) || who.cannot.has(i); });
}

// Number of leading entries of `by_tier_` that may serve: every tier up to and including the first
// tier that has a well endpoint. If no endpoint is well, all of them. Endpoints that do not pass
// `can` do not count.
template <class Can>
std::size_t Desk::reach(TimePoint now, Can can) const {
    const auto well = std::ranges::find_if(by_tier_, [&](auto i) {
        return can(i) && endpoints_[i].is_well(now);
    });
    if (well == by_tier_.end()) return by_tier_.size();
    const auto tier = endpoints_[*well].settings().tier;
    const auto later = std::find_if(well, by_tier_.end(), [&](auto i) {
        return endpoints_[i].settings().tier > tier;
    });
    return static_cast<std::size_t>(later - by_tier_.begin());
}

// For requests that every endpoint can serve.
std::size_t Desk::reach_at(TimePoint now) const {
    return reach(now, [](EndpointIndex) { return true; });
}

// For this request; `usual` is `reach_at`.
std::size_t Desk::reach_of(const Waiting& who, std::size_t usual, TimePoint now) const {
    if (who.cannot.empty()) return usual;
    return reach(now, [&](auto i) { return may_serve(i, who); });
}

// Earliest time at which an endpoint may replace the earlier tiers: `after` the youngest of their
// outages began. Called only while no endpoint of an earlier tier is well that can serve it.
TimePoint Desk::serves_from(EndpointIndex at, const Waiting& who, TimePoint now) const {
    const auto& settings = endpoints_[at].settings();
    if (settings.after == Duration::zero()) return now;
    TimePoint from = now;
    // An endpoint that is shut or parked has no `away_since` and delays nothing.
    for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
        const auto& other = endpoints_[i];
        if (other.settings().tier >= settings.tier || !may_serve(i, who)) continue;
        const auto since = other.away_since(now);
        if (since != TimePoint::min()) from = std::max(from, saturating_add(since, settings.after));
    }
    return from;
}

// Are all in-flight places of the run taken, by attempts and by replies not yet recorded?
bool Desk::may_none_leave() const {
    return is_held_back_ || in_flight_.taken() + unrecorded_ >= in_flight_.places();
}

// Is the endpoint capable of serving the request, at any time?
bool Desk::may_serve(EndpointIndex at, const Waiting& who) const {
    return !(who.not_local && is_local(at)) && !who.cannot.has(at);
}

// The worker that is emptied while a request waits that must run alone: the first well worker.
std::optional<EndpointIndex> Desk::cleared_worker(TimePoint now) const {
    if (!line_.has_alone()) return std::nullopt;
    const auto at = std::ranges::find_if(by_tier_, [&](auto i) {
        return is_local(i) && endpoints_[i].is_well(now);
    });
    return at == by_tier_.end() ? std::nullopt : std::optional{*at};
}

// `now` if the rule of exclusive requests allows this request at the endpoint, else `never`. A
// request that must run alone needs an idle worker. Other requests avoid the worker that is being
// cleared for it, and a worker on which it runs.
TimePoint Desk::alone_from(EndpointIndex at, const Waiting& who, TimePoint now) const {
    if (!is_local(at)) return now;
    const auto& worker = endpoints_[at];
    const bool may =
        who.alone ? worker.is_idle() : !worker.is_for_one_alone() && cleared_worker(now) != at;
    return may ? now : never;
}

// Lowest failure share of the other well endpoints; nothing if no other endpoint can serve.
// Computed only after an unhealthy attempt, because the circuit breaker compares only then.
std::optional<double> Desk::rival_of(
    EndpointIndex at, const EndpointFeedback& feedback, TimePoint now
) const {
    if (feedback.verdict != Verdict::unhealthy) return std::nullopt;
    std::optional<double> best;
    for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
        if (i == at || !endpoints_[i].is_well(now)) continue;
        best = std::min(best.value_or(1), endpoints_[i].failing());
    }
    return best;
}

// Visits every candidate (request, endpoint, earliest start). Probes come first. Then come the
// heads of the line's rows, older requests first.
template <class See>
void Desk::for_each_candidate(TimePoint now, See see) const {
    const auto usual = reach_at(now);
    // A request that only some endpoints can serve may probe one of a later tier.
    const auto furthest = line_.has_choosy() ? by_tier_.size() : usual;
    for (std::size_t i = 0; i < furthest; ++i) {
        const auto at = by_tier_[i];
        if (!endpoints_[at].takes_probes()) continue;
        const auto can = [&](const Waiting& who) {
            return affordable(who, at) && may_serve(at, who) && i < reach_of(who, usual, now);
        };
        if (const auto* who = line_.to_probe(now, can)) {
            // A probe pays no retry quota, because in an outage there may be none left.
            const auto cost = attempt_cost_of(*who, at, 0);
            const auto ready = std::max(
                {endpoints_[at].ready_for_probe_at(now, cost),
                 serves_from(at, *who, now),
                 alone_from(at, *who, now)}
            );
            see(Candidate{who, at, cost, ready, true});
        }
    }
    for (const auto* who : line_.heads()) {
        for_each_way_of(*who, now, reach_of(*who, usual, now), see);
    }
}

template <class See>
void Desk::for_each_way_of(const Waiting& who, TimePoint now, std::size_t reach, See see) const {
    const bool nothing_is_under_way = in_flight_.taken() == 0;
    for (std::size_t i = 0; i < reach; ++i) {
        const auto at = by_tier_[i];
        const auto& endpoint = endpoints_[at];
        if (!may_serve(at, who)) continue;
        // If nothing is in flight and no waiting request could earn retry quota, the oldest request
        // starts without paying, because otherwise the line would wait for ever.
        const auto can = [&](const Waiting& other) { return may_serve(at, other); };
        const bool is_alone = nothing_is_under_way && line_.all_pay(can);
        const bool is_free = endpoint.serves_others_since(who.failed_at) ||
                             (is_alone && !endpoint.can_pay(who.retry_cost));
        const auto cost = attempt_cost_of(who, at, is_free ? 0 : who.retry_cost);
        const auto ready = std::max(
            {endpoint.ready_at(now, cost), serves_from(at, who, now), alone_from(at, who, now)}
        );
        // A pair beyond the budget never becomes ready; `over_budget` then ends the request.
        see(Candidate{&who, at, cost, affordable(who, at) ? ready : never});
    }
}

std::optional<Desk::Grant> Desk::next(TimePoint now) {
    if (line_.empty() || may_none_leave()) return std::nullopt;
    ready_.clear();
    // Collects the ready endpoints of the first ready request; a probe is collected alone.
    for_each_candidate(now, [&](const Candidate& candidate) {
        if (candidate.from > now) return;
        const bool is_of_the_first = ready_.empty() || (ready_.front().who == candidate.who &&
                                                        !ready_.front().has_precedence);
        if (is_of_the_first) ready_.push_back(candidate);
    });
    if (ready_.empty()) return std::nullopt;
    // Copies, because `remove` frees the entry that the candidate points to.
    const auto candidate = best_of_ready(now);
    const auto who = *candidate.who;
    line_.remove(who.seq);
    // Once for each request, because the share of hedges is a share of requests, not of attempts.
    if (who.tries == 0) hedges_.asked();
    return leave(who, candidate, now);
}

std::optional<Desk::Grant> Desk::hedge(const Waiting& who, TimePoint now) {
    if (may_none_leave() || !hedges_.allows()) return std::nullopt;
    ready_.clear();
    const auto reach = reach_of(who, reach_at(now), now);
    for (std::size_t i = 0; i < reach; ++i) {
        const auto at = by_tier_[i];
        const auto& endpoint = endpoints_[at];
        // A hedge pays no retry quota. It is made only where the quota is more than half full.
        const auto cost = attempt_cost_of(who, at, 0);
        const bool can = !who.alone && at != who.last && may_serve(at, who) &&
                         endpoint.is_well(now) && endpoint.can_spare() && affordable(who, at) &&
                         endpoint.ready_at(now, cost) <= now && serves_from(at, who, now) <= now &&
                         alone_from(at, who, now) <= now;
        if (can) ready_.push_back(Candidate{&who, at, cost, now});
    }
    if (ready_.empty()) return std::nullopt;
    // Counted only when granted, so that a refused hedge costs no share.
    hedges_.hedged();
    return leave(who, best_of_ready(now), now);
}

// The latest starts count even while no place is free, because a request that cannot start in time
// any more is ended then (`too_late`), and does not wait for a place in vain.
TimePoint Desk::ready_at(TimePoint now) const {
    TimePoint earliest = never;
    for (const auto* who : line_.heads()) earliest = std::min(earliest, who->latest);
    if (line_.empty()) return earliest;
    // At this time `unusable` may change, and the line must be given up.
    for (const auto& endpoint : endpoints_) {
        const auto gives_up = endpoint.gives_up_at();
        if (gives_up > now) earliest = std::min(earliest, gives_up);
    }
    // An attempt that ends or a reply that is recorded frees a place. Both are events of their own,
    // so no time has to be announced for them.
    if (may_none_leave()) return earliest;
    for_each_candidate(now, [&](const Candidate& candidate) {
        earliest = std::min(earliest, candidate.from);
    });
    return earliest;
}

// Power of two choices among the candidates in `ready_`, which all belong to the same request. The
// seed of the draw is the request and its number of tries, so that a run can be replayed.
const Desk::Candidate& Desk::best_of_ready(TimePoint now) {
    const auto& who = *ready_.front().who;
    if (who.tries > 0 && ready_.size() > 1) {
        // A retry goes to another endpoint if it can, because the fault may be one of that endpoint
        // alone.
        std::erase_if(ready_, [&](const Candidate& candidate) {
            return candidate.endpoint == who.last;
        });
    }
    const auto count = ready_.size();
    if (count == 1) return ready_.front();
    SplitMix rng{mix(mix(settings_.seed, who.seq), static_cast<std::uint64_t>(who.tries))};
    // The second draw leaves the last candidate out, and the last one stands in for a double. So
    // the two differ, and all pairs are equally probable.
    const auto& one = ready_[rng() % count];
    auto& other = ready_[rng() % (count - 1)];
    const auto& another = &other == &one ? ready_.back() : other;
    const auto load = [&](const Candidate& candidate) {
        return endpoints_[candidate.endpoint].load(now);
    };
    return load(another) < load(one) ? another : one;
}

Desk::Grant Desk::leave(const Waiting& who, const Candidate& candidate, TimePoint now) {
    in_flight_.enter();
    auto& endpoint = endpoints_[candidate.endpoint];
    // The budget reserves the cautious estimate; the candidate's cost has the likely one for rates.
    const auto reserved = estimate_.at_most(who.estimate);
    budget_.take(reserved, endpoint.settings().price);
    return {
        who.seq, candidate.endpoint, who.estimate, reserved, endpoint.enter(now, candidate.cost)};
}

std::string Desk::settle(const Grant& grant, const EndpointFeedback& feedback, TimePoint now) {
    auto& endpoint = endpoints_[grant.endpoint];
    in_flight_.leave();
    budget_.settle(grant.reserved, endpoint.settings().price, feedback);
    if (feedback.usage) estimate_.learn(grant.estimate, *feedback.usage);
    const auto rival = rival_of(grant.endpoint, feedback, now);
    const auto turn = endpoint.leave(now, grant.permit, feedback, rival);
    served_at_ = std::max(served_at_, endpoint.served_at());
    answered_at_ = std::max(answered_at_, endpoint.answered_at());
    // Witnesses: only first attempts are fair samples, because retries include the rows at fault.
    if (grant.permit.paid.failed_at == TimePoint::min()) {
        ++first_tries_;
        first_tries_in_vain_ += feedback.is_in_vain ? 1 : 0;
    }
    if (!endpoint.settings().is_local && endpoint.is_failing(now)) wants_local_ = true;
    return turn == EndpointLimits::Turn::none ? std::string{}
                                              : news_of(endpoint, turn, feedback, now);
}

bool Desk::affordable(const Waiting& who, EndpointIndex at) const {
    return budget_.allows(estimate_.at_most(who.estimate), endpoints_[at].settings().price);
}

std::optional<double> Desk::cost_of(
    EndpointIndex endpoint, const Usage& usage, std::string_view service_tier
) const {
    return skein::cost_of(endpoints_[endpoint].settings().price, usage, service_tier);
}

bool Desk::is_usable(const EndpointLimits& endpoint, TimePoint now) const {
    return endpoint.shut().empty() && endpoint.gives_up_at() > now &&
           endpoint.rests_until(now) - now <= settings_.max_retry_after;
}

bool Desk::is_any_well(TimePoint now) const {
    return std::ranges::any_of(endpoints_, [&](const auto& endpoint) {
        return endpoint.is_well(now);
    });
}

bool Desk::has_any_shown_life() const {
    return std::ranges::any_of(endpoints_, &EndpointLimits::has_shown_life);
}

bool Desk::is_there_other_than(EndpointIndex endpoint, const EndpointSet& cannot, TimePoint now)
    const {
    for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
        const bool can = i != endpoint && !is_local(i) && !cannot.has(i);
        if (can && is_usable(endpoints_[i], now)) return true;
    }
    return false;
}

std::optional<EndpointIndex> Desk::next_for(
    EndpointIndex endpoint, FaultKind kind, const EndpointSet& cannot, TimePoint now
) const {
    for (const auto& [cause, at] : endpoints_[endpoint].settings().on) {
        if (cause == kind && !cannot.has(at) && is_usable(endpoints_[at], now)) return at;
    }
    return std::nullopt;
}

EndpointSet Desk::all_but(EndpointIndex endpoint) const {
    EndpointSet all;
    for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
        if (i != endpoint && !is_local(i)) all.add(i);
    }
    return all;
}

void Desk::take(EndpointUpdate news) {
    auto& endpoint = endpoints_[news.endpoint];
    switch (news.availability) {
        case Availability::there:
            return endpoint.appear();
        case Availability::gone:
            return endpoint.vanish();
        case Availability::shut:
            return endpoint.shut(std::move(news.why));
    }
}

TimePoint Desk::opens_at(TimePoint now) const {
    TimePoint earliest = never;
    for (const auto& endpoint : endpoints_) {
        if (is_usable(endpoint, now)) earliest = std::min(earliest, endpoint.opens_at(now));
    }
    return earliest;
}

std::optional<Sequence> Desk::too_late(TimePoint now) const {
    const auto heads = line_.heads();
    const bool have_all_time =
        std::ranges::all_of(heads, [](const auto* who) { return who->latest == never; });
    if (have_all_time) return std::nullopt;
    const auto opens = opens_at(now);
    // If no endpoint ever opens, `unusable` reports that; the deadline is not the reason then.
    const auto soonest = opens == never ? now : std::max(now, opens);
    for (const auto* who : heads) {
        if (who->latest <= soonest) return who->seq;
    }
    return std::nullopt;
}

std::optional<Sequence> Desk::stranded(TimePoint now) const {
    if (!line_.has_choosy()) return std::nullopt;
    for (const auto* who : line_.heads()) {
        if (who->goes_anywhere()) continue;
        bool can_be_served = false;
        for (EndpointIndex i = 0; i < endpoints_.size() && !can_be_served; ++i) {
            can_be_served = may_serve(i, *who) && is_usable(endpoints_[i], now);
        }
        if (!can_be_served) return who->seq;
    }
    return std::nullopt;
}

std::optional<Sequence> Desk::oldest_in_line() const {
    const auto* oldest = line_.oldest();
    return oldest ? std::optional{oldest->seq} : std::nullopt;
}

}  // namespace skein
