// Answers that a reader gets piece by piece. The one rule: from the first piece on, the request has
// one attempt, and its result is the reply. A piece cannot be taken back, so another attempt could
// only repeat or contradict it: no retry, no question asked again, no fallback and no hedge
// follows. Before the first piece the request is like any other. Control thread only.
#include "dispatch/dispatcher.hpp"

#include <utility>
#include <variant>

namespace skein {

// The first piece of an attempt is there. It is handed on, unless the request has its answer, or
// has been told to stop. The other one of two attempts would be paid for in vain, so it is stopped.
void Dispatcher::handle(TimePoint, AttemptChunk& e, Commands& out) {
    const auto flight = attempts_.find(e.id);
    if (flight == attempts_.end()) return;
    auto& [seq, life] = *lives_.find(flight->second.seq);
    const bool is_answered =
        life.settled && std::holds_alternative<Completion>(life.settled->outcome);
    if (life.handed_on != AttemptId{} || life.stopped || is_answered) return;
    life.handed_on = e.id;
    life.settled.reset();
    forget_hedge(seq, life);
    out.emplace_back(HandOn{seq, e.id});
    const auto other = life.attempt == e.id ? life.hedge : life.attempt;
    if (other != AttemptId{}) out.emplace_back(StopAttempt{other});
}

// An attempt of a request whose answer had begun has ended. The reply waits for the other one of
// two attempts, which is being stopped, so that every sent attempt has been counted by then.
void Dispatcher::end_handed_on(
    TimePoint now,
    Lives::iterator at,
    AttemptId id,
    EndpointIndex endpoint,
    AttemptResult result,
    Commands& out
) {
    auto& life = at->second;
    if (id == life.handed_on) {
        life.settled = std::make_unique<AttemptResult>(std::move(result));
        life.settled_at = endpoint;
    }
    if (life.attempt != AttemptId{}) return;
    life.last = life.settled_at;
    auto last = std::move(*life.settled);
    if (auto* fault = std::get_if<Fault>(&last.outcome)) {
        if (life.stopped) *fault = stopped(now, life, *life.stopped);
        fault->detail += fault->detail.empty() ? "its answer had begun" : "; its answer had begun";
    }
    deliver(now, at, std::move(last.outcome), last.trail, out);
}

}  // namespace skein
