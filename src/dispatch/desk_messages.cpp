// The scheduler in words: sentences for an operator, and an endpoint's share of the tally.
// Nothing here decides or changes anything. Control thread only; `now` is always given.
#include "dispatch/desk.hpp"
#include "dispatch/words.hpp"

#include <string>
#include <utility>

namespace skein {
namespace {

// `45 of 64`.
std::string places_text(const EndpointLimits& endpoint) {
    return std::to_string(endpoint.adaptive().places()) + " of " +
           std::to_string(endpoint.adaptive().max());
}

std::string opened_text(Duration away) {
    if (away == Duration::zero()) return " circuit opened";
    return " has been failing for " + seconds_text(away);
}

}  // namespace

// The log line about a change at an endpoint. Call it right after `leave`, because the adaptive
// limit keeps only the evidence of its last turn.
std::string Desk::news_of(
    const EndpointLimits& endpoint,
    EndpointLimits::Turn turn,
    const EndpointFeedback& feedback,
    TimePoint now
) {
    const auto who = "endpoint=" + endpoint.settings().name;
    const auto& seen = endpoint.adaptive().evidence();
    switch (turn) {
        case EndpointLimits::Turn::none:
            break;
        case EndpointLimits::Turn::shut:
            return who + " closed for this run: " + feedback.why;
        case EndpointLimits::Turn::opened:
            return who + opened_text(now - endpoint.breaker().away_since()) +
                   ", last: " + feedback.why + "; probing again in " +
                   seconds_text(endpoint.opens_at(now) - now);
        case EndpointLimits::Turn::closed:
            return who + " circuit closed: it answers again, and is asked more slowly at first";
        case EndpointLimits::Turn::cut:
            return who + " asked by fewer: " + places_text(endpoint) + " in flight; " +
                   share_text(seen.pushed_back, seen.began) +
                   " attempts were told to slow down, last: " + feedback.why;
        case EndpointLimits::Turn::restored:
            return who + " again " + places_text(endpoint) + " in flight: with " +
                   std::to_string(seen.from) + " as with " + std::to_string(seen.to) + ", " +
                   share_text(seen.pushed_back, seen.began) +
                   " attempts were told to slow down, so it is not the load";
        case EndpointLimits::Turn::recovered:
            return who + " again " + places_text(endpoint) +
                   " in flight: attempts are no longer told to slow down";
    }
    return {};
}

// Attempts in flight may come to less than they reserved, so the budget counts as exhausted only
// when there is none.
std::optional<std::string> Desk::over_budget(TimePoint now) const {
    if (in_flight_.taken() > 0) return std::nullopt;
    for (const auto* who : line_.heads()) {
        auto why = over_budget(*who, now);
        if (!why.empty()) return why;
    }
    return std::nullopt;
}

// Empty if the budget allows the request at one of the endpoints that may serve it.
std::string Desk::over_budget(const Waiting& who, TimePoint now) const {
    std::string why;
    const auto reach = reach_of(who, reach_at(now), now);
    for (std::size_t i = 0; i < reach; ++i) {
        const auto& endpoint = endpoints_[by_tier_[i]];
        if (!endpoint.shut().empty() || !may_serve(by_tier_[i], who)) continue;
        // One endpoint that the budget allows is enough. If there is none, the sentence is that of
        // the last one.
        why = budget_.why_not(estimate_.at_most(who.estimate), endpoint.settings().price);
        if (why.empty()) break;
    }
    return why;
}

// The three reasons of `is_usable`, in the same order.
std::string Desk::why_unusable(const EndpointLimits& endpoint, TimePoint now) const {
    if (!endpoint.shut().empty()) return endpoint.shut();
    if (endpoint.gives_up_at() <= now) return endpoint.why_given_up();
    return "asked for a longer pause than limits.max_retry_after allows: " +
           seconds_text(endpoint.rests_until(now) - now) + " from now, and not " +
           seconds_text(settings_.max_retry_after);
}

std::optional<std::string> Desk::unusable(TimePoint now) const {
    std::string why;
    for (const auto& endpoint : endpoints_) {
        // While one endpoint is usable the line waits for it.
        if (is_usable(endpoint, now)) return std::nullopt;
        if (!why.empty()) why += "; ";
        why += endpoint.settings().name + ": " + why_unusable(endpoint, now);
    }
    return why;
}

std::string Desk::why_stranded(const EndpointSet& cannot, TimePoint now) const {
    std::string why;
    for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
        const auto& endpoint = endpoints_[i];
        if (is_usable(endpoint, now)) continue;  // It is well, and cannot serve the request.
        if (!why.empty()) why += "; ";
        why += endpoint.settings().name + ": " +
               (cannot.has(i) ? "cannot be asked for it" : why_unusable(endpoint, now));
    }
    return why;
}

void Desk::describe(TimePoint now, EndpointIndex endpoint, EndpointTally& tally) const {
    const auto& limits = endpoints_[endpoint];
    tally.name = limits.settings().name;
    tally.outages = limits.breaker().outages();
    tally.closed = limits.shut();
    tally.places = limits.adaptive().places();
    tally.max_places = limits.adaptive().max();
    tally.waits_for = limits.waits_for(now);
}

}  // namespace skein
