#include "law/story.hpp"

#include "dispatch/retry.hpp"
#include "dispatch/unfit.hpp"
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

// Stands in line until the desk gives leave, or until somebody ends the wait.
struct Story::LineWait {
    Story& story;
    Self& self;
    int retry_cost;
    int tries;
    EndpointIndex last;
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
             .expense = expense_of(*self.request),
             .retry_cost = retry_cost,
             .tries = tries,
             .last = last,
             .latest = latest_start(self.admitted, self.deadline),
             .not_local = self.unfit.has_value()}
        );
        self.interrupt = [this, go_on](FaultKind why) {
            story.desk_.step_out(self.seq);
            story.in_line_.erase(self.seq);
            go_on(Fault{.kind = why});
        };
    }
    Leave await_resume() { return std::move(*leave); }
};

// Waits for the answer. Told to stop, it still takes a moment to be gone; what comes first wins.
struct Story::AnswerWait {
    Story& story;
    Self& self;
    Desk::Grant grant;
    int number;
    std::optional<AttemptResult> result{};

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
        auto at =
            timeline.call_at(due, [go_on, given = std::move(answer.result)] { go_on(given); });
        self.interrupt = [this, go_on, at, due](FaultKind why) {
            if (self.stopped) return;
            self.stopped = why;
            const auto gone = story.timeline_.now() + stopping_time(story.scene_, self.seq, number);
            if (due <= gone) return;
            story.timeline_.forget(at);
            story.timeline_.call_at(gone, [go_on] {
                go_on({Fault{.kind = FaultKind::cancelled, .detail = "stopped"}, {}, true});
            });
        };
    }
    AttemptResult await_resume() { return std::move(*result); }
};

// Waits for a while. Gives what ended the wait early, if something did.
struct Story::PauseWait {
    Story& story;
    Self& self;
    Duration pause;
    std::optional<FaultKind> ended{};

    bool await_ready() const { return pause == Duration::zero(); }
    void await_suspend(std::coroutine_handle<> teller) {
        auto go_on = [this, teller] {
            self.interrupt = nullptr;
            story.timeline_.resume_soon(teller);
        };
        auto at = story.timeline_.call_at(story.timeline_.now() + pause, go_on);
        self.interrupt = [this, go_on, at](FaultKind why) {
            story.timeline_.forget(at);
            ended = why;
            go_on();
        };
    }
    std::optional<FaultKind> await_resume() const { return ended; }
};

// The story of one request: try, and while it is worth it, try again.
Telling Story::serve(Self self) {
    alive_.emplace(self.seq, &self);
    Tries tries;
    int retry_cost = 0;
    std::optional<EndpointIndex> last;
    int maybe_executed = 0;
    TimePoint first_sent = never;
    std::optional<Outcome> outcome;
    const auto& settings = scene_.settings;

    if (settings.local) self.unfit = unfit_for(*settings.local, *self.request);
    if (stopping_) outcome = Fault{.kind = FaultKind::cancelled};
    while (!outcome) {
        LineWait line{*this, self, retry_cost, tries.sent, last.value_or(0)};
        auto leave = co_await line;
        if (auto* fault = std::get_if<Fault>(&leave)) {
            outcome = std::move(*fault);
            break;
        }
        const auto grant = std::get<Desk::Grant>(leave);
        last = grant.endpoint;
        first_sent = std::min(first_sent, timeline_.now());
        run_.started.push_back({timeline_.now(), self.seq, ++tries.sent, grant.endpoint});

        AnswerWait answer{*this, self, grant, tries.sent};
        auto result = co_await answer;
        run_.ended.push_back({timeline_.now(), self.seq, tries.sent, grant.endpoint, result.sent});
        desk_.settle(grant, lesson_of(result), timeline_.now());
        if (settings.local && desk_.wants_local() && run_.calls.empty())
            run_.calls.push_back(timeline_.now());

        auto* fault = std::get_if<Fault>(&result.outcome);
        maybe_executed += !fault || (result.sent && executed(fault->kind) != Executed::no);
        if (fault && fault->kind == FaultKind::worker_died) suspect(grant.endpoint);
        if (!fault) {
            outcome = std::move(result.outcome);
        } else if (self.stopped) {
            outcome = Fault{.kind = *self.stopped};
        } else if (is_for_others(grant.endpoint, *fault)) {
            self.unfit = std::move(*fault);
            retry_cost = 0;
            if (stopping_) outcome = Fault{.kind = FaultKind::cancelled};
        } else {
            const auto next =
                next_try(*fault, tries, grant.stay.is_probe, settings.retry, self.seq);
            const auto why = next ? desk_.unusable(timeline_.now()) : std::nullopt;
            if (why) *fault = without_anybody(*fault, *why, settings.longest_park);
            if (!next || why) {
                outcome = std::move(result.outcome);
                break;
            }
            retry_cost = next->cost;
            if (stopping_) {
                outcome = Fault{.kind = FaultKind::cancelled};
                break;
            }
            const auto soonest =
                std::max(timeline_.now() + next->pause, desk_.opens_at(timeline_.now()));
            if (self.deadline != never && soonest >= latest_start(self.admitted, self.deadline)) {
                outcome = Fault{.kind = FaultKind::deadline};
                break;
            }
            PauseWait wait{*this, self, next->pause};
            const auto ended = co_await wait;
            if (ended) outcome = Fault{.kind = *ended};
        }
    }
    deliver(self, std::move(*outcome), tries.sent, maybe_executed, last, first_sent);
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
    const auto end_the_wait = at->second->interrupt;  // A copy: it clears the original.
    end_the_wait(why);
    timeline_.run_ready();
}

void Story::take(EndpointNews news) {
    run_.news.push_back({timeline_.now(), news.endpoint, news.standing});
    desk_.take(std::move(news));
}

bool Story::is_for_others(EndpointIndex endpoint, const Fault& fault) const {
    return desk_.is_local(endpoint) && is_unfit(fault) && !desk_.is_all_local(timeline_.now());
}

// A worker broke off an answer: whoever watches over it looks whether it is well.
void Story::suspect(EndpointIndex endpoint) {
    const auto well = found_well_at(scene_, endpoint, timeline_.now());
    if (!well) return;
    timeline_.call_at(*well, [this, endpoint] {
        take({.endpoint = endpoint, .standing = Standing::there});
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
        const auto deadline = settings.deadline > 0s ? now + settings.deadline : never;
        serve(Self{seq, request_of(scene_, seq), now, deadline});
        if (deadline != never)
            timeline_.call_at(deadline, [this, seq] { interrupt(seq, FaultKind::deadline); });
        go_on();
    }
}

// After whatever happened: who may leave now?
void Story::go_on() {
    timeline_.run_ready();
    serve_line();
    timeline_.run_ready();
    run_.most_held = std::max(run_.most_held, alive_.size());
    run_.idle_while_ready |= desk_.ready_at(timeline_.now()) <= timeline_.now();
}

void Story::serve_line() {
    for (;;) {
        while (const auto seq = desk_.too_late(timeline_.now())) {
            desk_.step_out(*seq);
            in_line_.extract(*seq).mapped()(Fault{.kind = FaultKind::deadline});
        }
        const auto grant = desk_.next(timeline_.now());
        if (!grant) break;
        in_line_.extract(grant->seq).mapped()(*grant);
    }
    if (in_line_.empty()) return;
    if (desk_.unusable(timeline_.now())) return send_home(FaultKind::no_endpoint);
    if (desk_.is_all_local(timeline_.now())) send_home_what_nobody_can_serve();
    if (desk_.over_budget(timeline_.now())) send_home(FaultKind::over_budget);
}

void Story::send_home(FaultKind why) {
    while (const auto seq = desk_.oldest_in_line()) {
        desk_.step_out(*seq);
        in_line_.extract(*seq).mapped()(Fault{.kind = why});
    }
}

void Story::send_home_what_nobody_can_serve() {
    while (const auto seq = desk_.oldest_not_local()) {
        desk_.step_out(*seq);
        in_line_.extract(*seq).mapped()(*alive_.at(*seq)->unfit);
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
