#include "dispatch/dispatcher.hpp"

#include "base/assert.hpp"
#include "base/moments.hpp"
#include "model/fault_table.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

// What a try needs at least to be worth starting: a second, or a tenth of all the time there is.
Duration least_time(TimePoint admitted, TimePoint deadline) {
    return std::min<Duration>(std::chrono::seconds{1}, (deadline - admitted) / 10);
}

Fault stopped_fault(FaultKind why, const std::string& last_fault) {
    std::string detail = why == FaultKind::deadline ? "its deadline passed" : "cancelled";
    if (!last_fault.empty()) detail += "; the try before: " + last_fault;
    return Fault{.kind = why, .detail = std::move(detail)};
}

std::string in_a_few_words(const Fault& fault) {
    std::string words{to_string(fault.kind)};
    if (!fault.detail.empty()) words += " (" + fault.detail + ")";
    return words;
}

}  // namespace

bool Dispatcher::has_room() const {
    return lives_.empty() || (lives_.size() < settings_.window && bytes_ < settings_.window_bytes);
}

void Dispatcher::on(TimePoint now, Event event, Commands& out) {
    pass_time(now, out);
    std::visit([&](auto& e) { handle(now, e, out); }, event);
    serve_line(now, out);
}

TimePoint Dispatcher::wake_at(TimePoint now) const {
    auto when = desk_.ready_at(now);
    if (!deadlines_.empty()) when = std::min(when, deadlines_.begin()->first);
    if (!pauses_.empty()) when = std::min(when, pauses_.begin()->first);
    return when;
}

Tally Dispatcher::tally() const {
    auto tally = scoreboard_.snapshot();
    tally.waiting = lives_.size() - tally.in_flight;
    return tally;
}

void Dispatcher::handle(TimePoint now, Submitted& e, Commands& out) {
    SKEIN_ASSERT(has_room());
    const auto span = e.request->deadline.value_or(settings_.deadline);
    const auto deadline = span > Duration::zero() ? later(now, span) : never;
    bytes_ += e.request->bytes();
    const auto at = lives_.emplace(e.seq, Life{std::move(e.request), now, deadline}).first;
    if (deadline != never) deadlines_.emplace(deadline, e.seq);
    scoreboard_.admitted();
    line_up(e.seq, at->second);
    if (stopping_) stop(now, at, FaultKind::cancelled, out);
}

void Dispatcher::handle(TimePoint now, AttemptDone& e, Commands& out) {
    const auto seq = attempts_.extract(e.id);
    SKEIN_ASSERT(seq);
    const auto at = lives_.find(seq.mapped());
    auto& life = at->second;
    settle(now, life, e.result, out);

    if (std::holds_alternative<Completion>(e.result.outcome)) {
        deliver(now, at, std::move(e.result.outcome), e.result.trail, out);
    } else if (life.stopped) {
        give_up(now, at, stopped_fault(*life.stopped, life.last_fault), out);
    } else {
        try_again_or_give_up(now, at, std::move(e.result), out);
    }
}

void Dispatcher::handle(TimePoint now, Cancel& e, Commands& out) {
    if (const auto at = lives_.find(e.seq); at != lives_.end()) {
        stop(now, at, FaultKind::cancelled, out);
    }
}

void Dispatcher::handle(TimePoint now, CancelAll&, Commands& out) {
    std::vector<Sequence> all;
    for (const auto& [seq, life] : lives_) all.push_back(seq);
    std::sort(all.begin(), all.end());
    for (const auto seq : all) stop(now, lives_.find(seq), FaultKind::cancelled, out);
}

void Dispatcher::handle(TimePoint now, StopStarting&, Commands& out) {
    stopping_ = true;
    std::vector<Sequence> waiting;
    for (const auto& [seq, life] : lives_) {
        if (life.state != State::in_flight) waiting.push_back(seq);
    }
    std::sort(waiting.begin(), waiting.end());
    for (const auto seq : waiting) stop(now, lives_.find(seq), FaultKind::cancelled, out);
}

// Everything that was due by now happens before what happens now.
void Dispatcher::pass_time(TimePoint now, Commands& out) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto seq = deadlines_.extract(deadlines_.begin()).value().second;
        stop(now, lives_.find(seq), FaultKind::deadline, out);
    }
    while (!pauses_.empty() && pauses_.begin()->first <= now) {
        const auto seq = pauses_.extract(pauses_.begin()).value().second;
        line_up(seq, lives_.at(seq));
    }
}

void Dispatcher::serve_line(TimePoint now, Commands& out) {
    while (const auto grant = desk_.next(now)) start(now, *grant, out);
    const auto why = desk_.in_line() > 0 ? desk_.unusable(now) : std::nullopt;
    if (!why) return;
    while (const auto seq = desk_.oldest_in_line()) {
        desk_.step_out(*seq);
        const auto at = lives_.find(*seq);
        give_up(
            now,
            at,
            Fault{.kind = FaultKind::no_endpoint, .detail = "no endpoint is left (" + *why + ")"},
            out
        );
    }
}

void Dispatcher::start(TimePoint now, const Desk::Grant& grant, Commands& out) {
    auto& life = lives_.at(grant.seq);
    life.state = State::in_flight;
    life.grant = grant;
    life.attempt = AttemptId{++last_attempt_};
    life.first_sent = std::min(life.first_sent, now);
    ++life.tries.sent;
    attempts_.emplace(life.attempt, grant.seq);
    scoreboard_.started(life.tries.sent);
    out.emplace_back(StartAttempt{
        {life.attempt, grant.seq, life.tries.sent, grant.endpoint, life.request}});
}

void Dispatcher::settle(TimePoint now, Life& life, const AttemptResult& result, Commands& out) {
    scoreboard_.ended(result);
    Desk::Lesson lesson;
    if (const auto* fault = std::get_if<Fault>(&result.outcome)) {
        life.maybe_executed += result.sent && executed(fault->kind) != Executed::no;
        lesson.pause = fault->retry_after;
        lesson.effect = row_of(fault->kind).effect;
        lesson.why = in_a_few_words(*fault);
    } else {
        ++life.maybe_executed;
        if (const auto& usage = std::get<Completion>(result.outcome).usage) {
            lesson.used = static_cast<double>(usage->input_tokens) +
                          static_cast<double>(usage->output_tokens);
        }
    }
    if (desk_.settle(life.grant, lesson, now)) {
        out.emplace_back(Say{
            "endpoint=" + desk_.name(life.grant.endpoint) + " closed: " + lesson.why});
    }
}

void Dispatcher::try_again_or_give_up(
    TimePoint now, Lives::iterator at, AttemptResult result, Commands& out
) {
    auto& [seq, life] = *at;
    auto& fault = std::get<Fault>(result.outcome);
    const auto pause = pause_before_retry(fault, life.tries, settings_.retry, seq);
    if (!pause) {
        if (is_parked(fault, life.tries, settings_.retry)) fault.kind = FaultKind::parked;
        deliver(now, at, std::move(result.outcome), result.trail, out);
        return;
    }
    life.last_fault = in_a_few_words(fault);
    if (stopping_)
        return give_up(now, at, stopped_fault(FaultKind::cancelled, life.last_fault), out);
    if (life.deadline != never &&
        now + *pause + least_time(life.admitted, life.deadline) > life.deadline) {
        fault = Fault{
            .kind = FaultKind::deadline,
            .detail =
                "the next try could not end before its deadline; the last: " + life.last_fault,
            .http_status = fault.http_status};
        deliver(now, at, std::move(result.outcome), result.trail, out);
        return;
    }
    if (*pause == Duration::zero()) return line_up(seq, life);
    life.state = State::pausing;
    life.pause_ends = now + *pause;
    pauses_.emplace(life.pause_ends, seq);
}

void Dispatcher::line_up(Sequence seq, Life& life) {
    life.state = State::in_line;
    desk_.line_up(seq, static_cast<double>(std::max<std::int64_t>(life.request->tokens, 0)));
}

// In line it steps out, in flight it is told to stop, pausing it ends at once.
void Dispatcher::stop(TimePoint now, Lives::iterator at, FaultKind why, Commands& out) {
    auto& [seq, life] = *at;
    switch (life.state) {
        case State::in_line:
            desk_.step_out(seq);
            break;
        case State::pausing:
            pauses_.erase({life.pause_ends, seq});
            break;
        case State::in_flight:
            if (life.stopped) return;
            life.stopped = why;
            out.emplace_back(StopAttempt{life.attempt});
            return;
    }
    give_up(now, at, stopped_fault(why, life.last_fault), out);
}

void Dispatcher::give_up(TimePoint now, Lives::iterator at, Fault fault, Commands& out) {
    deliver(now, at, std::move(fault), Trail{}, out);
}

void Dispatcher::deliver(
    TimePoint now, Lives::iterator at, Outcome outcome, const Trail& trail, Commands& out
) {
    auto& [seq, life] = *at;
    scoreboard_.delivered(outcome);
    Timing timing{
        .queued = std::min(life.first_sent, now) - life.admitted, .total = now - life.admitted};
    if (trail.first_byte != never) timing.first_byte = trail.first_byte - trail.started;
    if (trail.first_chunk != never) timing.first_token = trail.first_chunk - trail.started;
    auto endpoint = life.tries.sent > 0 ? desk_.name(life.grant.endpoint) : std::string{};
    out.emplace_back(Deliver{
        seq,
        Reply{
            std::move(outcome), life.tries.sent, life.maybe_executed, std::move(endpoint), timing}}
    );
    bytes_ -= life.request->bytes();
    deadlines_.erase({life.deadline, seq});
    lives_.erase(at);
}

}  // namespace skein
