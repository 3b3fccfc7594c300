#include "law/story.hpp"

#include "dispatch/capability.hpp"
#include "dispatch/retry.hpp"
#include "law/workers.hpp"

#include <utility>

namespace skein::law {

void Timeline::run_ready() {
    while (!ready_.empty()) {
        auto teller = ready_.front();
        ready_.pop_front();
        teller.resume();
    }
}

void Timeline::jump_to(TimePoint when) {
    now_ = when;
    while (!calls_.empty() && calls_.begin()->first <= when) {
        auto first = calls_.extract(calls_.begin());
        first.mapped()();
        run_ready();
    }
}

// Waits in line until the desk grants an attempt, or until the wait is interrupted.
struct Story::LineWait {
    Story& story;
    Self& self;
    NextTry next;
    int tries;
    EndpointIndex last;
    TimePoint failed_at;
    TimePoint last_failed_at;
    std::optional<Leave> leave{};

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> teller) {
        auto go_on = [this, teller](Leave answer) {
            leave = std::move(answer);
            self.interrupt = nullptr;
            story.timeline_.resume_soon(teller);
        };
        story.in_line_.emplace(self.seq, go_on);
        story.desk_.line_up(
            {.seq = self.seq,
             .estimate = estimate_of(*self.request),
             .retry_cost = next.cost,
             .tries = tries,
             .last = last,
             .latest = latest_start(self.clock, self.deadline),
             .not_local = self.unfit.has_value(),
             .cannot = self.cannot,
             .failed_at = failed_at,
             .last_failed_at = last_failed_at,
             .alone = next.alone}
        );
        self.interrupt = [this, go_on](FaultKind why) {
            story.desk_.step_out(self.seq);
            story.in_line_.erase(self.seq);
            go_on(Fault{.kind = story.why_of(why, self)});
        };
    }
    Leave await_resume() { return std::move(*leave); }
};

// Waits for the answer. A stop takes effect a moment later; an answer before that moment counts.
struct Story::AnswerWait {
    Story& story;
    Self& self;
    Desk::Grant grant;
    int number;
    std::optional<AttemptResult> result{};
    TimePoint begins_at = never;  // When its first piece comes, unless it ends before.

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> teller) {
        auto& timeline = story.timeline_;
        auto answer = answer_to(story.scene_, self.seq, number, grant.endpoint, timeline.now());
        const auto due = timeline.now() + answer.latency;
        auto go_on = [this, teller](AttemptResult given) {
            result = std::move(given);
            self.interrupt = nullptr;
            story.flying_.erase(self.seq);
            story.timeline_.resume_soon(teller);
        };
        story.flying_.insert(self.seq);
        if (answer.first_chunk) begins_at = timeline.now() + *answer.first_chunk;
        auto at =
            timeline.call_at(due, [go_on, given = std::move(answer.result)] { go_on(given); });
        self.interrupt = [this, go_on, at, due](FaultKind why) {
            if (self.stopped) return;
            self.stopped = why;
            self.stopped_at = story.timeline_.now();
            const auto gone = story.timeline_.now() + stopping_time(story.scene_, self.seq, number);
            if (due <= gone) return;
            story.timeline_.forget(at);
            story.timeline_.call_at(gone, [go_on] {
                go_on({Fault{.kind = FaultKind::cancelled, .detail = "stopped"}, {}, true});
            });
        };
    }
    AttemptResult await_resume() { return std::move(*result); }

    // Did a piece go to the reader? Not after a stop.
    bool has_begun() const {
        return begins_at < story.timeline_.now() && begins_at < self.stopped_at;
    }
};

// Waits for a pause. Returns the reason if the wait was interrupted.
struct Story::PauseWait {
    Story& story;
    Self& self;
    Duration pause;
    std::optional<FaultKind> ended{};

    bool await_ready() const { return pause == Duration::zero(); }
    void await_suspend(std::coroutine_handle<> teller) {
        auto go_on = [this, teller] {
            self.interrupt = nullptr;
            story.pausing_.erase(self.seq);
            story.timeline_.resume_soon(teller);
        };
        story.pausing_.insert(self.seq);
        auto at = story.timeline_.call_at(story.timeline_.now() + pause, go_on);
        self.interrupt = [this, go_on, at](FaultKind why) {
            story.timeline_.forget(at);
            ended = story.why_of(why, self);
            go_on();
        };
    }
    std::optional<FaultKind> await_resume() const { return ended; }
};

// Waits until it is known whether this request or every request is refused.
struct Story::HeldWait {
    Story& story;
    Self& self;
    std::optional<FaultKind> ended{};

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> teller) {
        auto go_on = [this, teller] {
            self.interrupt = nullptr;
            story.refusals_.forget(self.seq);
            story.timeline_.resume_soon(teller);
        };
        story.held_.emplace(self.seq, go_on);
        self.interrupt = [this, go_on](FaultKind why) {
            ended = why;
            story.held_.erase(self.seq);
            go_on();
        };
    }
    std::optional<FaultKind> await_resume() const { return ended; }
};

// The whole life of one request: attempt it, and retry while a retry is worth it.
Telling Story::serve(Self self) {
    alive_.emplace(self.seq, &self);
    Tries tries;
    NextTry next;
    std::optional<EndpointIndex> last;
    TimePoint failed_at = TimePoint::min(), last_failed_at = TimePoint::min();
    Witnesses before;
    int maybe_executed = 0;
    int sent_elsewhere = 0;
    TimePoint first_sent = never;
    std::optional<Outcome> outcome;
    const auto& settings = scene_.settings;

    if (settings.local) self.unfit = unfit_for(*settings.local, *self.request);
    self.cannot = self.request->cannot;
    if (stopping_) outcome = Fault{.kind = FaultKind::cancelled};
    while (!outcome) {
        LineWait line{*this, self, next, tries.sent, last.value_or(0), failed_at, last_failed_at};
        auto leave = co_await line;
        if (auto* fault = std::get_if<Fault>(&leave)) {
            outcome = std::move(*fault);
            break;
        }
        const auto grant = std::get<Desk::Grant>(leave);
        last = grant.endpoint;
        if (first_sent == never) start_clock(self);
        first_sent = std::min(first_sent, timeline_.now());
        run_.started.push_back({timeline_.now(), self.seq, ++tries.sent, grant.endpoint});

        AnswerWait answer{*this, self, grant, tries.sent};
        auto result = co_await answer;
        const auto now = timeline_.now();
        run_.ended.push_back(
            {now, self.seq, tries.sent, grant.endpoint, result.sent, self.stopped_at}
        );
        auto feedback = feedback_of(result);
        // Silence until the deadline is a timeout, if the attempt had half of the time or more.
        const bool had_time = (now - grant.permit.since) * 2 >= settings.time;
        const bool was_stopped =
            std::holds_alternative<Fault>(result.outcome) && self.stopped == FaultKind::deadline;
        if (was_stopped && result.sent && had_time) {
            feedback.verdict = Verdict::unhealthy;
            feedback.waited_in_vain = true;
        }
        desk_.settle(grant, feedback, now);

        if (answer.has_begun()) run_.handed_on.push_back({answer.begins_at, self.seq, tries.sent});
        auto* fault = std::get_if<Fault>(&result.outcome);
        maybe_executed += !fault || (result.sent && executed(fault->kind) != Executed::no);
        if (fault && fault->kind == FaultKind::worker_died) suspect(grant.endpoint);
        if (!fault) {
            outcome = std::move(result.outcome);
            break;
        }
        if (self.stopped) {
            outcome = Fault{.kind = why_of(*self.stopped, self)};
            break;
        }
        // The reader has a part of this answer: no other one follows.
        if (answer.has_begun()) {
            outcome = std::move(result.outcome);
            break;
        }
        Witnesses others;
        if (failed_at != TimePoint::min()) {
            others = desk_.witnesses(failed_at, last_failed_at);
            others.asked -= before.asked;
            others.in_vain -= before.in_vain;
        }
        if (tries.in_vain == 0 && is_in_vain(*fault, result.sent))
            before = desk_.witnesses(timeline_.now(), timeline_.now());
        if (failed_at == TimePoint::min()) failed_at = timeline_.now();
        last_failed_at = timeline_.now();
        if (is_for_others(self, grant.endpoint, *fault, sent_elsewhere)) {
            if (desk_.is_local(grant.endpoint)) {
                self.unfit = std::move(*fault);
            } else {
                ++sent_elsewhere;
            }
            next = {};
            if (stopping_) outcome = Fault{.kind = FaultKind::cancelled};
            continue;
        }
        const auto another =
            next_try({*fault, result.sent, others}, tries, settings.retry, self.seq);
        const auto why = another ? desk_.unusable(timeline_.now()) : std::nullopt;
        if (why) *fault = without_anybody(*fault, *why, settings.max_retry_after);
        if (!another && goes_on(self, grant.endpoint, *fault)) {
            self.unfit = std::move(*fault);
            next = {};
            if (stopping_) outcome = Fault{.kind = FaultKind::cancelled};
            continue;
        }
        if (!another && is_refused(grant.endpoint, *fault)) {
            refusals_.hold(self.seq, *fault);
            HeldWait held{*this, self};
            const auto ended = co_await held;
            outcome = ended && *ended != FaultKind::deadline ? Fault{.kind = *ended}
                                                             : judged(std::move(*fault));
            break;
        }
        if (!another || why) {
            const bool is_outage = !another && settings.spares && maybe_executed == 0 &&
                                   is_retryable(fault->kind) && is_outage_since(first_sent);
            if (is_outage) fault->kind = FaultKind::no_endpoint;
            outcome = std::move(result.outcome);
            break;
        }
        next = *another;
        if (stopping_) {
            outcome = Fault{.kind = FaultKind::cancelled};
            break;
        }
        const auto soonest =
            std::max(timeline_.now() + next.pause, desk_.opens_at(timeline_.now()));
        if (self.deadline != never && soonest >= latest_start(self.clock, self.deadline)) {
            outcome = Fault{.kind = why_of(FaultKind::deadline, self)};
            break;
        }
        PauseWait wait{*this, self, next.pause};
        const auto ended = co_await wait;
        if (ended) outcome = Fault{.kind = *ended};
    }
    deliver(self, std::move(*outcome), tries.sent, maybe_executed, last, first_sent);
}

// Its time begins with its first attempt.
void Story::start_clock(Self& self) {
    if (scene_.settings.time == 0s) return;
    self.clock = timeline_.now();
    self.deadline = self.clock + scene_.settings.time;
    timeline_.call_at(self.deadline, [this, seq = self.seq] {
        interrupt(seq, FaultKind::deadline);
    });
}

void Story::deliver(
    const Self& self,
    Outcome outcome,
    int attempts,
    int maybe,
    std::optional<EndpointIndex> last,
    TimePoint sent
) {
    Reply reply{std::move(outcome), attempts, maybe};
    if (last) {
        reply.endpoint = desk_.name(*last);
        reply.served_by = scene_.places[*last].is_local ? ServedBy::local : ServedBy::remote;
    }
    reply.timing.queued = std::min(sent, timeline_.now()) - self.admitted;
    run_.delivered.push_back(delivered_of(timeline_.now(), self.seq, reply));
    alive_.erase(self.seq);
}

void Story::interrupt(Sequence seq, FaultKind why) {
    const auto at = alive_.find(seq);
    if (at == alive_.end() || !at->second->interrupt) return;
    const auto end_the_wait = at->second->interrupt;  // A copy, because the call clears it.
    end_the_wait(why);
    timeline_.run_ready();
}

void Story::take(EndpointUpdate news) {
    run_.news.push_back({timeline_.now(), news.endpoint, news.availability});
    desk_.take(std::move(news));
}

bool Story::is_for_others(
    const Self& self, EndpointIndex endpoint, const Fault& fault, int sent_elsewhere
) const {
    const auto now = timeline_.now();
    if (desk_.is_local(endpoint)) return is_unfit(fault) && desk_.is_there_remote(self.cannot, now);
    return !desk_.has_served(endpoint) && effect_of(fault) == Effect::close_in_a_row &&
           (sent_elsewhere < static_cast<int>(scene_.places.size()) - 1 ||
            !desk_.shut(endpoint).empty()) &&
           desk_.is_there_other_than(endpoint, self.cannot, now);
}

// From the first endpoint that the settings name for this fault, if it is usable and new to it.
bool Story::goes_on(Self& self, EndpointIndex endpoint, const Fault& fault) const {
    for (const auto& [kind, to] : scene_.places[endpoint].on) {
        if (kind != fault.kind || self.request->cannot.has(to) || self.left.has(to)) continue;
        EndpointSet others = desk_.all_but(to);
        if (!desk_.is_there_remote(others, timeline_.now())) continue;
        self.left.add(endpoint);
        self.cannot = others;
        return true;
    }
    return false;
}

bool Story::is_refused(EndpointIndex endpoint, const Fault& fault) const {
    return refusals_.is_on() && !desk_.has_served() && !desk_.is_local(endpoint) &&
           Refusals::is_refusal(fault);
}

bool Story::is_outage_since(TimePoint since) const {
    return scene_.settings.spares && desk_.answered_at() < since &&
           !desk_.is_any_well(timeline_.now());
}

// In an outage no request is at fault.
FaultKind Story::why_of(FaultKind why, const Self& self) const {
    const bool is_out_of_time = why == FaultKind::deadline;
    const bool is_silent = scene_.settings.spares && self.stopped == FaultKind::deadline &&
                           !desk_.has_any_shown_life();
    const bool is_nobodys = is_out_of_time && (is_silent || is_outage_since(self.clock));
    return is_nobodys ? FaultKind::no_endpoint : why;
}

// Fault of a held refusal, after its cause is known.
Fault Story::judged(Fault fault) const {
    if (desk_.has_served()) return fault;
    if (stopping_) return {.kind = FaultKind::cancelled};
    if (refusals_.common()) return *refusals_.common();
    if (const auto why = desk_.unusable(timeline_.now()))
        return without_anybody(std::move(fault), *why, scene_.settings.max_retry_after);
    if (may_be_wrong_address(fault)) fault.kind = FaultKind::no_endpoint;
    return fault;
}

void Story::release_held() {
    const bool nothing_goes_on = in_line_.empty() && flying_.empty() && pausing_.empty();
    if (held_.empty()) return;
    const bool is_known = refusals_.common() && flying_.empty();
    if (!desk_.has_served() && !is_known && !desk_.unusable(timeline_.now()) && !nothing_goes_on)
        return;
    for (const auto& [seq, go_on] : std::exchange(held_, {})) go_on();
}

// A worker broke off an answer: its supervisor checks whether it is alive.
void Story::suspect(EndpointIndex endpoint) {
    const auto well = found_well_at(scene_, endpoint, timeline_.now());
    if (!well) return;
    timeline_.call_at(*well, [this, endpoint] {
        take({.endpoint = endpoint, .availability = Availability::there});
    });
}

void Story::interrupt_all(bool in_flight_too) {
    stopping_ |= !in_flight_too;
    std::vector<Sequence> all;
    for (const auto& [seq, self] : alive_) {
        if (in_flight_too || !flying_.contains(seq)) all.push_back(seq);
    }
    for (const auto seq : all) interrupt(seq, FaultKind::cancelled);
}

void Story::feed() {
    const auto& settings = scene_.settings;
    while (asked_ < scene_.requests && alive_.size() < settings.window) {
        const auto seq = asked_++;
        const auto now = timeline_.now();
        run_.admitted.push_back(now);
        serve(Self{seq, request_of(scene_, seq), now});
        go_on();
    }
}

// After each event: start every request that the desk grants now.
void Story::go_on() {
    timeline_.run_ready();
    serve_line();
    timeline_.run_ready();
    release_held();
    timeline_.run_ready();
    const bool calls = scene_.settings.local && !stopping_ && desk_.wants_local();
    if (calls && run_.calls.empty()) run_.calls.push_back(timeline_.now());
    run_.max_held = std::max(run_.max_held, alive_.size());
    run_.idle_while_ready |= desk_.ready_at(timeline_.now()) <= timeline_.now();
}

void Story::serve_line() {
    const bool are_all_refused = refusals_.common() && !desk_.has_served();
    desk_.hold_back(are_all_refused && !flying_.empty());
    if (are_all_refused && flying_.empty()) send_home(FaultKind::no_endpoint);
    for (;;) {
        while (const auto seq = desk_.too_late(timeline_.now())) {
            desk_.step_out(*seq);
            in_line_.extract(*seq).mapped(
            )(Fault{.kind = why_of(FaultKind::deadline, *alive_.at(*seq))});
        }
        const auto grant = desk_.next(timeline_.now());
        if (!grant) break;
        in_line_.extract(grant->seq).mapped()(*grant);
    }
    if (in_line_.empty()) return;
    if (desk_.unusable(timeline_.now())) return send_home(FaultKind::no_endpoint);
    send_home_what_nobody_can_serve();
    if (desk_.over_budget(timeline_.now())) send_home(FaultKind::over_budget);
}

void Story::send_home(FaultKind why) {
    while (const auto seq = desk_.oldest_in_line()) {
        desk_.step_out(*seq);
        in_line_.extract(*seq).mapped()(Fault{.kind = why});
    }
}

void Story::send_home_what_nobody_can_serve() {
    while (const auto seq = desk_.stranded(timeline_.now())) {
        desk_.step_out(*seq);
        const auto& unfit = alive_.at(*seq)->unfit;
        in_line_.extract(*seq).mapped()(unfit.value_or(Fault{.kind = FaultKind::no_endpoint}));
    }
}

Run Story::tell() {
    for (auto& told : news_of(scene_)) {
        timeline_.call_at(told.first, [this, news = told.second] { take(news); });
    }
    for (Sequence seq = 0; seq < scene_.requests; ++seq) {
        if (const auto when = cancel_of(scene_, seq)) {
            timeline_.call_at(dawn + *when, [this, seq] { interrupt(seq, FaultKind::cancelled); });
        }
    }
    if (scene_.cancel_all_at != never)
        timeline_.call_at(scene_.cancel_all_at, [this] { interrupt_all(true); });
    if (scene_.stop_starting_at != never)
        timeline_.call_at(scene_.stop_starting_at, [this] { interrupt_all(false); });

    for (;;) {
        feed();
        const auto next = std::min(timeline_.next(), desk_.ready_at(timeline_.now()));
        if (next == never) break;
        timeline_.jump_to(next);
        go_on();
    }
    run_.finished = asked_ == scene_.requests;
    run_.at_rest = alive_.empty() && desk_.in_flight() == 0;
    return std::move(run_);
}

Run tell_story(const Scene& scene) { return Story{scene}.tell(); }

}  // namespace skein::law
