// After a failed attempt: another try, another endpoint, or the fault that the request ends with.
// The decision itself is `next_try` (dispatch/retry.hpp); here is what it is told, and what follows
// from it. Control thread only; `now` is always given.
#include "base/assert.hpp"
#include "base/time_math.hpp"
#include "dispatch/dispatcher.hpp"
#include "model/fault_table.hpp"

#include <algorithm>
#include <utility>

namespace skein {

// Decides what follows a failed attempt. In this order: repeat it without a refused member, ask
// again after an answer that is not as it must be, move to another endpoint, retry by the retry
// policy, go on to the endpoint that is named for this fault, hold the refusal back, or deliver the
// fault.
void Dispatcher::try_again_or_give_up(
    TimePoint now, Lives::iterator at, const Flight& flight, AttemptResult result, Commands& out
) {
    auto& [seq, life] = *at;
    auto& fault = std::get<Fault>(result.outcome);
    const auto endpoint = flight.grant.endpoint;
    if (is_refused_for_ours(flight, fault, out)) {
        life.last_fault = in_a_few_words(fault);
        return line_up_again(now, at, out);
    }
    if (asks_again(now, at, result, out)) return;
    // Read before `note_failure`, which sets `last_failed_at` to now.
    const auto others = witnesses_for(life);
    note_failure(now, life, result);
    if (is_for_others(now, life, endpoint, fault)) {
        life.last_fault = in_a_few_words(fault);
        if (desk_.is_local(endpoint)) {
            life.unfit = std::make_unique<Fault>(std::move(fault));
        } else {
            ++life.sent_elsewhere;
        }
        return line_up_again(now, at, out);
    }
    auto next = next_try({fault, result.sent, others}, life.tries, settings_.retry, seq);
    life.last_fault = in_a_few_words(fault);
    const auto why = next ? desk_.unusable(now) : std::nullopt;
    if (why) fault = without_anybody(std::move(fault), *why, settings_.max_retry_after);
    if (!next && goes_on(now, life, endpoint, fault, out)) return line_up_again(now, at, out);
    if (!next && waits_for_others(endpoint, fault)) return hold(seq, life, std::move(result));
    // File job: attempts used up in an outage, without any possible execution, leave the row
    // undone.
    const bool is_used_up = !next && is_retryable(fault.kind) && life.maybe_executed == 0;
    if (is_used_up && is_outage(now, life.first_sent)) {
        fault.kind = FaultKind::no_endpoint;
        fault.detail = "nothing was answered while it was tried " +
                       std::to_string(life.tries.sent) + " times, the last: " + life.last_fault;
    }
    if (!next || why) return deliver(now, at, std::move(result.outcome), result.trail, out);

    life.next = *next;
    if (stopping_)
        return give_up(now, at, stopped_fault(FaultKind::cancelled, life.last_fault), out);
    // A retry that could not end before the deadline is not waited for.
    const auto soonest = std::max(saturating_add(now, next->pause), desk_.opens_at(now));
    if (life.deadline != never && soonest >= latest_start(life.clock, life.deadline)) {
        const auto status = fault.http_status;
        fault = out_of_time(
            now,
            life,
            "the next try could not end before its deadline; the last: " + life.last_fault
        );
        fault.http_status = status;
        deliver(now, at, std::move(result.outcome), result.trail, out);
        return;
    }
    // No pause of its own: the limits of the endpoints decide when the retry starts.
    if (next->pause == Duration::zero()) return line_up(seq, life);
    life.state = State::pausing;
    life.pause_ends = now + next->pause;
    pauses_.emplace(life.pause_ends, seq);
}

// At once, free, and at any endpoint that can serve it; unless the client is stopping.
void Dispatcher::line_up_again(TimePoint now, Lives::iterator at, Commands& out) {
    auto& [seq, life] = *at;
    if (stopping_)
        return give_up(now, at, stopped_fault(FaultKind::cancelled, life.last_fault), out);
    life.next = {};
    line_up(seq, life);
}

// Fallback by cause: this endpoint cannot serve the request, and the settings name one that may. It
// never returns to an endpoint that it left, so that two endpoints cannot pass it to and fro.
bool Dispatcher::goes_on(
    TimePoint now, RequestState& life, EndpointIndex at, Fault& fault, Commands& out
) {
    auto excluded = life.request->cannot;
    excluded.add(life.left);
    const auto next = desk_.next_for(at, fault.kind, excluded, now);
    if (!next) return false;
    if (told_to_go_on_.emplace(at, fault.kind).second) {
        out.emplace_back(Say{
            "endpoint=" + desk_.name(at) + " cannot serve a request (" + in_a_few_words(fault) +
            "); such requests go on to endpoint=" + desk_.name(*next)});
    }
    scoreboard_.rerouted();
    life.left.add(at);
    life.cannot = desk_.all_but(*next);
    life.unfit = std::make_unique<Fault>(std::move(fault));
    return true;
}

// Results of other requests since this request's first attempt in vain and since its first failure.
Witnesses Dispatcher::witnesses_for(const RequestState& life) const {
    if (life.failed_at == TimePoint::min()) return {};
    auto others = desk_.witnesses(life.failed_at, life.last_failed_at);
    others.asked -= life.before.asked;
    others.in_vain -= life.before.in_vain;
    return others;
}

void Dispatcher::note_failure(TimePoint now, RequestState& life, const AttemptResult& result) {
    const auto& fault = std::get<Fault>(result.outcome);
    if (life.tries.in_vain == 0 && is_in_vain(fault, result.sent)) {
        life.before = desk_.witnesses(now, now);
    }
    if (life.failed_at == TimePoint::min()) life.failed_at = now;
    life.last_failed_at = now;
}

// Should the request move to another endpoint? Yes if a local worker is unfit for it, or if an
// endpoint that has never served refuses requests as a wrong address or key does.
bool Dispatcher::is_for_others(
    TimePoint now, const RequestState& life, EndpointIndex at, const Fault& fault
) const {
    if (desk_.is_local(at)) return is_for_remote(now, life, at, fault);
    const auto others = static_cast<int>(desk_.endpoints()) - 1;
    return !desk_.has_served(at) && effect_of(fault) == Effect::close_in_a_row &&
           (life.sent_elsewhere < others || !desk_.shut(at).empty()) &&
           desk_.is_there_other_than(at, life.cannot, now);
}

// Did a local worker reject a request that a remote endpoint may be able to answer?
bool Dispatcher::is_for_remote(
    TimePoint now, const RequestState& life, EndpointIndex at, const Fault& fault
) const {
    return desk_.is_local(at) && is_unfit(fault) && desk_.is_there_remote(life.cannot, now);
}

Fault Dispatcher::stopped(TimePoint now, const RequestState& life, FaultKind why) const {
    auto fault = stopped_fault(why, life.last_fault);
    return why == FaultKind::deadline ? out_of_time(now, life, std::move(fault.detail)) : fault;
}

// Has no attempt been answered since `since`, and can no endpoint serve? In an outage no request is
// at fault.
bool Dispatcher::is_outage(TimePoint now, TimePoint since) const {
    return settings_.spares && desk_.answered_at() < since && !desk_.is_any_well(now);
}

// Was the request stopped while no server has shown any sign of life? Then it is not at fault,
// though the circuit breaker has not seen enough silence yet.
bool Dispatcher::is_met_by_silence(const RequestState& life) const {
    return settings_.spares && life.stopped == FaultKind::deadline && !desk_.has_any_shown_life();
}

// Fault of a request whose time is over: `deadline`, or `no_endpoint` in an outage.
Fault Dispatcher::out_of_time(TimePoint now, const RequestState& life, std::string detail) const {
    const bool is_silent = is_met_by_silence(life);
    const bool is_nobodys = is_silent || is_outage(now, life.clock);
    if (is_silent) {
        detail += "; it " + desk_.never_answered(life.last);
    } else if (is_nobodys) {
        detail += "; nothing was answered meanwhile";
    }
    return {
        .kind = is_nobodys ? FaultKind::no_endpoint : FaultKind::deadline,
        .detail = std::move(detail)};
}

}  // namespace skein
