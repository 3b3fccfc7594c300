// Hedged requests: a second attempt at another endpoint, if the answer of the first is late to
// begin.
#include "dispatch/dispatcher.hpp"

namespace skein {

// An answer that has begun is not late any more: no hedge is started.
void Dispatcher::handle(TimePoint, AttemptBegan& e, Commands&) {
    const auto flight = attempts_.find(e.id);
    if (flight == attempts_.end()) return;
    const auto at = lives_.find(flight->second.seq);
    forget_hedge(at->first, at->second);
}

// Starts the hedge if the desk grants it now; it is not tried again later.
void Dispatcher::start_hedge(TimePoint now, Sequence seq, Commands& out) {
    auto& life = lives_.at(seq);
    life.hedge_at = never;
    if (stopping_ || life.stopped || life.tries.sent >= settings_.retry.attempts) return;
    const auto who = waiting(seq, life);
    if (who.latest <= now) return;
    if (const auto grant = desk_.hedge(who, now)) {
        life.hedge = take_off(life, *grant, true, out);
    }
}

void Dispatcher::forget_hedge(Sequence seq, RequestState& life) {
    if (life.hedge_at == never) return;
    hedges_.erase({life.hedge_at, seq});
    life.hedge_at = never;
}

// One of two attempts has ended. An answer becomes the reply, but only after the other attempt has
// been stopped (about a millisecond), so that every sent attempt has been counted by then. A fault
// waits for the other attempt, which may still bring an answer.
void Dispatcher::wait_for_the_other(
    TimePoint now, RequestState& life, const Flight& flight, AttemptResult result, Commands& out
) {
    if (auto* fault = std::get_if<Fault>(&result.outcome)) {
        if (life.stopped || is_refused_for_ours(flight, *fault, out)) return;
        life.last_fault = in_a_few_words(*fault);
        if (is_for_remote(now, life, flight.grant.endpoint, *fault)) {
            life.unfit = std::make_unique<Fault>(std::move(*fault));
            return;
        }
        auto tries = life.tries;  // A copy, because no retry is made now.
        const Failure failure{*fault, result.sent, witnesses_for(life)};
        if (next_try(failure, tries, settings_.retry, flight.seq)) return;
    } else {
        out.emplace_back(StopAttempt{life.attempt});
    }
    life.settled = std::make_unique<AttemptResult>(std::move(result));
    life.settled_at = flight.grant.endpoint;
}

// Both attempts have ended. The first result counts, unless it is a fault and the second an answer.
void Dispatcher::conclude(TimePoint now, Lives::iterator at, AttemptResult last, Commands& out) {
    auto& life = at->second;
    const bool is_made_good = std::holds_alternative<Fault>(life.settled->outcome) &&
                              std::holds_alternative<Completion>(last.outcome);
    if (!is_made_good) {
        last = std::move(*life.settled);
        life.last = life.settled_at;
        life.settled.reset();
        if (asks_again(now, at, last, out)) return;
        auto* fault = std::get_if<Fault>(&last.outcome);
        if (fault && !life.stopped && goes_on(now, life, life.last, *fault, out))
            return line_up_again(now, at, out);
    }
    deliver(now, at, std::move(last.outcome), last.trail, out);
}

}  // namespace skein
