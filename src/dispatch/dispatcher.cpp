// Events in, commands out. After each event: due times first, then the event itself, then as many
// grants as the desk gives, then refusals whose cause is known now. Invariant: a request is in
// exactly one state, and `deadlines_`, `pauses_` and `hedges_` hold an entry for it only while that
// time matters. Control thread only; `now` is always given.
#include "dispatch/dispatcher.hpp"

#include "base/assert.hpp"
#include "base/time_math.hpp"
#include "model/fault_table.hpp"

#include <algorithm>
#include <utility>

namespace skein {

bool Dispatcher::has_room() const {
    return lives_.empty() || (lives_.size() < settings_.window && bytes_ < settings_.window_bytes);
}

void Dispatcher::on(TimePoint now, Event event, Commands& out) {
    pass_time(now, out);
    std::visit([&](auto& e) { handle(now, e, out); }, event);
    serve_line(now, out);
    release_held(now, out);
    const bool calls = settings_.local && !stopping_ && desk_.wants_local();
    if (calls && !std::exchange(has_called_, true)) out.emplace_back(CallWorkers{});
}

CostEstimate estimate_of(const Prepared& request) {
    const auto input = std::max<std::int64_t>(request.prompt_tokens, 0);
    const auto output = std::max<std::int64_t>(request.tokens - input, 0);
    return {static_cast<double>(input), static_cast<double>(output)};
}

TimePoint latest_start(TimePoint since, TimePoint deadline) {
    if (deadline == never) return never;
    return deadline - std::min<Duration>(std::chrono::seconds{1}, (deadline - since) / 10);
}

// The earliest of all appointments: the engine has one timer and keeps none of them.
TimePoint Dispatcher::wake_at(TimePoint now) const {
    auto when = desk_.ready_at(now);
    if (!deadlines_.empty()) when = std::min(when, deadlines_.begin()->first);
    if (!pauses_.empty()) when = std::min(when, pauses_.begin()->first);
    if (!hedges_.empty()) when = std::min(when, hedges_.begin()->first);
    return when;
}

Tally Dispatcher::tally(TimePoint now) const {
    auto tally = scoreboard_.snapshot();
    tally.waiting = static_cast<std::uint64_t>(std::ranges::count_if(lives_, [](const auto& life) {
        return life.second.state != State::in_flight;
    }));
    for (EndpointIndex i = 0; i < tally.endpoints.size(); ++i)
        desk_.describe(now, i, tally.endpoints[i]);
    return tally;
}

void Dispatcher::handle(TimePoint now, Submitted& e, Commands& out) {
    SKEIN_ASSERT(has_room());
    // A deadline of the request's own counts from now; the run's time limit counts from `start`.
    const auto own = e.request->deadline.value_or(Duration::zero());
    bytes_ += e.request->bytes();
    const auto at = lives_.emplace(e.seq, RequestState{std::move(e.request), now}).first;
    at->second.cannot = at->second.request->cannot;
    if (own > Duration::zero()) start_clock(now, e.seq, at->second, own);
    scoreboard_.admitted();
    if (settings_.local) {
        // Keeps the reason: it is the fault of the request if no remote endpoint is left.
        if (auto why = unfit_for(*settings_.local, *at->second.request)) {
            at->second.unfit = std::make_unique<Fault>(std::move(*why));
        }
    }
    line_up(e.seq, at->second);
    // After `line_up`, so that `stop` finds the request in its regular state.
    if (stopping_) stop(now, at, FaultKind::cancelled, out);
}

// The hint is the end of the set, because requests mostly have equal time limits: a later start has
// a later deadline.
void Dispatcher::start_clock(TimePoint now, Sequence seq, RequestState& life, Duration time) {
    life.clock = now;
    life.deadline = saturating_add(now, time);
    if (life.deadline != never) deadlines_.emplace_hint(deadlines_.end(), life.deadline, seq);
}

void Dispatcher::handle(TimePoint now, AttemptDone& e, Commands& out) {
    const auto node = attempts_.extract(e.id);
    SKEIN_ASSERT(node);
    const auto& flight = node.mapped();
    auto& result = *e.result;
    // Always there: a request is not delivered while one of its attempts is in flight.
    const auto at = lives_.find(flight.seq);
    auto& life = at->second;
    settle(now, life, flight.grant, result, out);
    forget_hedge(flight.seq, life);
    // From here on `attempt` is the other one of the two, if a hedge is in flight.
    if (life.attempt == e.id) std::swap(life.attempt, life.hedge);
    life.hedge = {};

    const auto* fault = std::get_if<Fault>(&result.outcome);
    // Counts attempts that the server may have executed, and billed.
    life.maybe_executed += !fault || (result.sent && executed(fault->kind) != Executed::no);
    if (result.unfit) note_unfit(life, flight.grant.endpoint, *result.unfit);
    if (life.handed_on != AttemptId{}) {
        return end_handed_on(now, at, e.id, flight.grant.endpoint, std::move(result), out);
    }
    if (life.attempt != AttemptId{}) {
        return wait_for_the_other(now, life, flight, std::move(result), out);
    }
    life.last = flight.grant.endpoint;
    // The other attempt of a hedged request ended before, and its result has been kept.
    if (life.settled) return conclude(now, at, std::move(result), out);
    // An answer counts even if the request was told to stop, because it has been paid for.
    if (!fault) {
        deliver(now, at, std::move(result.outcome), result.trail, out);
    } else if (life.stopped) {
        give_up(now, at, stopped(now, life, *life.stopped), out);
    } else {
        try_again_or_give_up(now, at, flight, std::move(result), out);
    }
}

void Dispatcher::handle(TimePoint now, Cancel& e, Commands& out) {
    if (const auto at = lives_.find(e.seq); at != lives_.end()) {
        stop(now, at, FaultKind::cancelled, out);
    }
}

void Dispatcher::handle(TimePoint now, CancelAll&, Commands& out) {
    // The numbers are copied first, because `stop` removes requests from the map; and sorted, so
    // that the commands do not depend on the order of the hash map.
    std::vector<Sequence> all;
    for (const auto& [seq, life] : lives_) all.push_back(seq);
    std::sort(all.begin(), all.end());
    for (const auto seq : all) stop(now, lives_.find(seq), FaultKind::cancelled, out);
}

void Dispatcher::handle(TimePoint now, StopStarting&, Commands& out) {
    stopping_ = true;
    // As above: copied, then sorted.
    std::vector<Sequence> waiting;
    for (const auto& [seq, life] : lives_) {
        if (life.state != State::in_flight) waiting.push_back(seq);
    }
    std::sort(waiting.begin(), waiting.end());
    for (const auto seq : waiting) stop(now, lives_.find(seq), FaultKind::cancelled, out);
}

// Deadlines, pauses and hedges that are due by `now` are handled before the event itself. Deadlines
// come first, so that a request whose time is over does not return to the line. Each entry leaves
// its set before it is handled, so every loop ends.
void Dispatcher::pass_time(TimePoint now, Commands& out) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto seq = deadlines_.extract(deadlines_.begin()).value().second;
        stop(now, lives_.find(seq), FaultKind::deadline, out);
    }
    while (!pauses_.empty() && pauses_.begin()->first <= now) {
        const auto seq = pauses_.extract(pauses_.begin()).value().second;
        line_up(seq, lives_.at(seq));
    }
    while (!hedges_.empty() && hedges_.begin()->first <= now) {
        start_hedge(now, hedges_.extract(hedges_.begin()).value().second, out);
    }
}

void Dispatcher::serve_line(TimePoint now, Commands& out) {
    // All requests were refused alike so far: start no more until the attempts in flight have
    // ended, because an answer to one of them would show that the shared part is right.
    const bool are_all_refused = refusals_.common() && !desk_.has_served();
    desk_.hold_back(are_all_refused && !attempts_.empty());
    if (is_known_for_all()) give_up_all_in_line(now, *refusals_.common(), out);
    // In turns, because each grant makes another request the head of its row, and `too_late` looks
    // at heads only.
    for (;;) {
        give_up_what_is_too_late(now, out);
        const auto grant = desk_.next(now);
        if (!grant) break;
        start(now, *grant, out);
    }
    if (desk_.in_line() == 0) return;
    // The rest of the line could not start. Requests that can never start end now.
    // First, because this reason concerns every request of the line.
    if (const auto why = desk_.unusable(now)) {
        const auto fault = without_anybody({}, *why, settings_.max_retry_after);
        return give_up_all_in_line(now, fault, out);
    }
    give_up_what_nobody_can_serve(now, out);
    if (auto over = desk_.over_budget(now)) {
        give_up_all_in_line(now, {.kind = FaultKind::over_budget, .detail = *over}, out);
    }
}

void Dispatcher::give_up_what_is_too_late(TimePoint now, Commands& out) {
    while (const auto seq = desk_.too_late(now)) {
        stop(now, lives_.find(*seq), FaultKind::deadline, out);
    }
}

// Ends the requests that only some endpoints can serve, after the last of these became unusable.
void Dispatcher::give_up_what_nobody_can_serve(TimePoint now, Commands& out) {
    while (const auto seq = desk_.stranded(now)) {
        desk_.step_out(*seq);
        const auto at = lives_.find(*seq);
        auto& life = at->second;
        auto fault = life.unfit ? std::move(*life.unfit)
                                : Fault{
                                      .kind = FaultKind::no_endpoint,
                                      .detail = "no endpoint is left that can be asked for it (" +
                                                desk_.why_stranded(life.cannot, now) + ")"};
        give_up(now, at, std::move(fault), out);
    }
}

void Dispatcher::give_up_all_in_line(TimePoint now, const Fault& fault, Commands& out) {
    while (const auto seq = desk_.oldest_in_line()) {
        desk_.step_out(*seq);
        give_up(now, lives_.find(*seq), fault, out);
    }
}

void Dispatcher::start(TimePoint now, const Desk::Grant& grant, Commands& out) {
    auto& life = lives_.at(grant.seq);
    life.state = State::in_flight;
    life.first_sent = std::min(life.first_sent, now);
    const bool has_own_deadline = life.request->deadline.has_value();
    // The time limit of the run begins with the first attempt, because the wait in line does not
    // count. A retry finds the clock running.
    if (life.clock == never && !has_own_deadline && settings_.time > Duration::zero()) {
        start_clock(now, grant.seq, life, settings_.time);
    }
    life.attempt = take_off(life, grant, false, out);
    const auto late_after = settings_.hedging ? desk_.late_after(grant.endpoint) : std::nullopt;
    if (!late_after) return;
    life.hedge_at = saturating_add(now, *late_after);
    hedges_.emplace(life.hedge_at, grant.seq);
}

// Starts one attempt, first or hedge. The flight and the attempt both get `without`: the wire
// leaves these members out, and a refusal is judged by what was really sent.
AttemptId Dispatcher::take_off(
    RequestState& life, const Desk::Grant& grant, bool is_hedge, Commands& out
) {
    const AttemptId id{++last_attempt_};
    ++life.tries.sent;
    life.last = grant.endpoint;
    const auto without = refused_members_.left_out(grant.endpoint);
    attempts_.emplace(id, Flight{grant.seq, grant, {life.request->added, without}});
    scoreboard_.started(life.tries.sent, grant.endpoint, is_hedge);
    out.emplace_back(StartAttempt{
        {id,
         grant.seq,
         life.tries.sent,
         grant.endpoint,
         life.request,
         life.next.on_new_connection,
         without}});
    return id;
}

void Dispatcher::settle(
    TimePoint now,
    const RequestState& life,
    const Desk::Grant& grant,
    const AttemptResult& result,
    Commands& out
) {
    scoreboard_.ended(result, grant.endpoint);
    const bool is_out_of_time = life.stopped == FaultKind::deadline;
    auto feedback =
        is_out_of_time ? feedback_of(result, {now - grant.permit.since, life.deadline - life.clock})
                       : feedback_of(result);
    // An unfit local model has not refused the request: that says nothing about the worker's
    // health.
    const auto* fault = std::get_if<Fault>(&result.outcome);
    if (fault && desk_.is_local(grant.endpoint) && is_unfit(*fault)) feedback.effect = Effect::none;
    if (feedback.usage) {
        scoreboard_.paid(
            desk_.cost_of(grant.endpoint, *feedback.usage, feedback.service_tier).value_or(0)
        );
    }
    auto news = desk_.settle(grant, feedback, now);
    if (!news.empty()) out.emplace_back(Say{std::move(news)});
}

void Dispatcher::line_up(Sequence seq, RequestState& life) {
    life.state = State::in_line;
    desk_.line_up(waiting(seq, life));
}

Waiting Dispatcher::waiting(Sequence seq, const RequestState& life) const {
    return {
        .seq = seq,
        .estimate = estimate_of(*life.request),
        .retry_cost = life.next.cost,
        .tries = life.tries.sent,
        .last = life.last,
        .latest = latest_start(life.clock, life.deadline),
        .not_local = life.unfit != nullptr,
        .cannot = life.cannot,
        .failed_at = life.failed_at,
        .last_failed_at = life.last_failed_at,
        .alone = life.next.alone};
}

// Ends a request early. In line, pausing or held: it is delivered now. In flight: its attempts are
// told to stop, and their AttemptDone delivers it.
void Dispatcher::stop(TimePoint now, Lives::iterator at, FaultKind why, Commands& out) {
    auto& [seq, life] = *at;
    switch (life.state) {
        case State::in_line:
            desk_.step_out(seq);
            break;
        case State::pausing:
            pauses_.erase({life.pause_ends, seq});
            break;
        case State::held:
            break;
        case State::in_flight:
            if (life.stopped) return;
            life.stopped = why;
            forget_hedge(seq, life);
            out.emplace_back(StopAttempt{life.attempt});
            if (life.hedge != AttemptId{}) out.emplace_back(StopAttempt{life.hedge});
            return;
    }
    // A held request already has an answer: the refusal is delivered, not a missed deadline.
    if (life.state == State::held && why == FaultKind::deadline) return deliver_held(now, at, out);
    give_up(now, at, stopped(now, life, why), out);
}

void Dispatcher::give_up(TimePoint now, Lives::iterator at, Fault fault, Commands& out) {
    deliver(now, at, std::move(fault), Trail{}, out);
}

void Dispatcher::deliver(
    TimePoint now, Lives::iterator at, Outcome outcome, const Trail& trail, Commands& out
) {
    auto& [seq, life] = *at;
    scoreboard_.delivered(outcome);
    // Without an attempt `first_sent` is `never`, and all of the time was spent waiting.
    Timing timing{
        .queued = std::min(life.first_sent, now) - life.admitted, .total = now - life.admitted};
    if (trail.started != never) timing.attempt = std::min(trail.last_byte, now) - trail.started;
    if (trail.first_byte != never) timing.first_byte = trail.first_byte - trail.started;
    if (trail.first_chunk != never) timing.first_token = trail.first_chunk - trail.started;
    Reply reply{
        .outcome = std::move(outcome),
        .attempts = life.tries.sent,
        .maybe_executed = life.maybe_executed,
        .endpoint = life.tries.sent > 0 ? desk_.name(life.last) : std::string{},
        .timing = timing};
    if (life.tries.sent > 0) {
        reply.served_by = desk_.is_local(life.last) ? ServedBy::local : ServedBy::remote;
    }
    if (const auto* completion = reply.completion(); completion && completion->usage) {
        reply.cost = desk_.cost_of(life.last, *completion->usage, completion->service_tier);
    }
    reply.begun = life.handed_on != AttemptId{};
    if (life.unfit_answers) add_unfit(*life.unfit_answers, reply);
    out.emplace_back(Deliver{seq, std::move(reply)});
    // Each attempt gave its place back in `settle`; the reply takes one until it is recorded.
    if (settings_.keeps_place_until_recorded) desk_.keep_place();
    refusals_.forget(seq);
    bytes_ -= life.request->bytes();
    deadlines_.erase({life.deadline, seq});
    lives_.erase(at);
}

}  // namespace skein
