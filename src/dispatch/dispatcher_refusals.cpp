// Refusals: requests held back until the first answer of the run, and requests refused because of a
// member that skein added.
#include "dispatch/dispatcher.hpp"

#include <utility>

namespace skein {

// Was the request refused because of a member that skein added? Then it is repeated without it.
bool Dispatcher::is_refused_for_ours(const Flight& flight, const Fault& fault, Commands& out) {
    const auto endpoint = flight.grant.endpoint;
    const bool is_ours = refused_members_.learn(endpoint, fault, flight.added);
    auto news = refused_members_.news(desk_.name(endpoint));
    if (!news.empty()) out.emplace_back(Say{std::move(news)});
    return is_ours;
}

// Is it still unknown whether the endpoint refuses this request or every request?
bool Dispatcher::waits_for_others(EndpointIndex at, const Fault& fault) const {
    return refusals_.is_on() && !desk_.has_served() && !desk_.is_local(at) &&
           Refusals::is_refusal(fault);
}

void Dispatcher::hold(Sequence seq, RequestState& life, AttemptResult result) {
    refusals_.hold(seq, std::get<Fault>(result.outcome));
    life.state = State::held;
    life.settled = std::make_unique<AttemptResult>(std::move(result));
}

// Delivers the held requests once the cause is known, or once no event can reveal it any more.
void Dispatcher::release_held(TimePoint now, Commands& out) {
    if (refusals_.held().empty()) return;
    const bool is_known = desk_.has_served() || is_known_for_all() || desk_.unusable(now);
    if (!is_known && !nothing_goes_on()) return;
    // A copy, because each delivery removes its request from the set.
    const auto held = refusals_.held();
    for (const auto seq : held) deliver_held(now, lives_.find(seq), out);
}

void Dispatcher::deliver_held(TimePoint now, Lives::iterator at, Commands& out) {
    auto result = std::move(*at->second.settled);
    auto& fault = std::get<Fault>(result.outcome);
    if (!desk_.has_served()) {
        fault = common_fault(now, at->second.last, std::move(fault));
    }
    deliver(now, at, std::move(result.outcome), result.trail, out);
}

// All sent requests were refused in the same words, and no attempt is in flight.
bool Dispatcher::is_known_for_all() const {
    return refusals_.common() && !desk_.has_served() && attempts_.empty();
}

// Fault of a held request when nothing has been answered: the common cause, as far as it is known.
Fault Dispatcher::common_fault(TimePoint now, EndpointIndex at, Fault fault) const {
    if (stopping_) return stopped_fault(FaultKind::cancelled, in_a_few_words(fault));
    if (refusals_.common()) return *refusals_.common();
    if (const auto nobody = desk_.unusable(now)) {
        return without_anybody(std::move(fault), *nobody, settings_.max_retry_after);
    }
    if (may_be_wrong_address(fault)) {
        fault.kind = FaultKind::no_endpoint;
        fault.detail += "; nothing was answered: is the address right?";
        const auto& advice = desk_.address_advice(at);
        if (!advice.empty()) fault.detail += " (" + advice + ")";
    }
    return fault;
}

bool Dispatcher::nothing_goes_on() const {
    return desk_.in_line() == 0 && attempts_.empty() && pauses_.empty();
}

}  // namespace skein
