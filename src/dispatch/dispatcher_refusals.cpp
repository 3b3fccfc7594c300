// Refusals: those that are held back until something is answered, and those that are our own doing.
#include "dispatch/dispatcher.hpp"

#include <utility>

namespace skein {

// Was it refused for a member that we added? Then it is worth another try, without it.
bool Dispatcher::is_refused_for_ours(const Flight& flight, const Fault& fault, Commands& out) {
    const auto endpoint = flight.grant.endpoint;
    const bool is_ours = refused_members_.learn(endpoint, fault, flight.added);
    auto news = refused_members_.news(desk_.name(endpoint));
    if (!news.empty()) out.emplace_back(Say{std::move(news)});
    return is_ours;
}

// Is it not yet known whether the refusal is of this request, or of everything?
bool Dispatcher::waits_for_others(EndpointIndex at, const Fault& fault) const {
    return refusals_.is_on() && !desk_.has_served() && !desk_.is_local(at) &&
           Refusals::is_refusal(fault);
}

void Dispatcher::hold(Sequence seq, RequestState& life, AttemptResult result) {
    refusals_.hold(seq, std::get<Fault>(result.outcome));
    life.state = State::held;
    life.settled = std::make_unique<AttemptResult>(std::move(result));
}

// Once it is known whose fault it was, or when nothing is left that could tell.
void Dispatcher::release_held(TimePoint now, Commands& out) {
    if (refusals_.held().empty()) return;
    const bool is_known = desk_.has_served() || is_known_for_all() || desk_.unusable(now);
    if (!is_known && !nothing_goes_on()) return;
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

// All that left were refused in the same words, and nothing is under way that could be answered.
bool Dispatcher::is_known_for_all() const {
    return refusals_.common() && !desk_.has_served() && attempts_.empty();
}

// What a refusal was, where nothing has been answered.
Fault Dispatcher::common_fault(TimePoint now, EndpointIndex at, Fault fault) const {
    if (stopping_) return stopped_fault(FaultKind::cancelled, in_a_few_words(fault));
    if (refusals_.common()) return *refusals_.common();
    if (const auto nobody = desk_.unusable(now)) {
        return without_anybody(std::move(fault), *nobody, settings_.longest_park);
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
