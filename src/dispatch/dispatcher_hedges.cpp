// Hedges: a second attempt beside one whose answer is late to begin.
#include "dispatch/dispatcher.hpp"

namespace skein {

void Dispatcher::handle(TimePoint, AttemptBegan& e, Commands&) {
    const auto flight = attempts_.find(e.id);
    if (flight == attempts_.end()) return;
    const auto at = lives_.find(flight->second.seq);
    if (at != lives_.end()) forget_hedge(at->first, at->second);
}

// Beside an attempt whose answer is late to begin. If it cannot be now, it is not.
void Dispatcher::start_hedge(TimePoint now, Sequence seq, Commands& out) {
    auto& life = lives_.at(seq);
    life.hedge_at = never;
    if (stopping_ || life.stopped || life.tries.sent >= 2 * settings_.retry.attempts) return;
    if (const auto grant = desk_.hedge(waiting(seq, life), now)) {
        life.hedge = take_off(life, *grant, true, out);
    }
}

void Dispatcher::forget_hedge(Sequence seq, Life& life) {
    if (life.hedge_at == never) return;
    hedges_.erase({life.hedge_at, seq});
    life.hedge_at = never;
}

// It may yet answer; and if not, what this one came to counts for whether to try again.
void Dispatcher::wait_for_the_other(Life& life, const Flight& flight, const Fault& fault) {
    if (life.stopped) return;
    life.last_fault = in_a_few_words(fault);
    life.is_last |=
        !next_try(fault, life.tries, flight.grant.stay.is_probe, settings_.retry, flight.seq);
}

// It was sent and may be billed, whatever becomes of it.
void Dispatcher::stop_the_other(Life& life, Commands& out) {
    if (life.attempt == AttemptId{}) return;
    ++life.maybe_executed;
    out.emplace_back(StopAttempt{life.attempt});
}

}  // namespace skein
