// The finite state machine of one local worker; see the picture in the header.
//
// Invariant: pure and deterministic. It never waits and reads no clock: the time comes in with each
// event, and all effects leave as commands. One thread.
#include "local/lifecycle/worker_fsm.hpp"

#include "base/time_math.hpp"

#include <algorithm>
#include <utility>

namespace skein::local {
namespace {

// `84 ms`, `3.2 s`
std::string seconds_text(Duration time) {
    if (time < std::chrono::seconds{1}) {
        return std::to_string(std::chrono::round<std::chrono::milliseconds>(time).count()) + " ms";
    }
    const auto tenths = std::chrono::round<std::chrono::milliseconds>(time).count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

WorkerFsm::WorkerFsm(LifeSettings settings)
    : settings_{std::move(settings)}, restarts_{settings_.seed, settings_.restarts} {}

void WorkerFsm::on(TimePoint now, Event event, Commands& out) {
    std::visit([&](auto& e) { handle(now, e, out); }, event);
}

TimePoint WorkerFsm::wake_at() const { return std::min(next_, too_late_); }

void WorkerFsm::handle(TimePoint now, Wake&, Commands& out) {
    // Only the first wake starts the worker; later starts follow from its own exits.
    if (is_stopped_ || std::exchange(is_awake_, true)) return;
    start(now, out);
}

void WorkerFsm::start(TimePoint now, Commands& out) {
    // A planned replacement is not a failure, so the restart policy does not count it.
    if (!is_replaced_) restarts_.started(now);
    state_ = State::loading;
    process_lives_ = settings_.is_ours;
    is_replaced_ = false;
    end_reason_.clear();
    // The reason told at the startup timeout if no probe has given a better one.
    last_why_ = "it does not listen";
    since_ = now;
    too_late_ = saturating_add(now, settings_.startup);
    // The pauses between probes begin short and grow up to `last_look`, because a model may load in
    // a moment or in minutes.
    pause_ = settings_.first_look;
    next_ = now + pause_;
    terms_ = 0;
    is_looking_ = false;
    if (settings_.is_ours) out.emplace_back(Start{smaller_});
}

// One probe at a time: no further one is due until its answer has come. The number tells a late
// answer from the present one.
void WorkerFsm::look(Look what, Commands& out) {
    is_looking_ = true;
    is_suspected_ = false;
    next_ = never;
    out.emplace_back(LookAt{++look_, what});
}

// First the deadline of the state, then its next step. Both may be due at once, and the deadline
// wins.
void WorkerFsm::handle(TimePoint now, TimePassed& e, Commands& out) {
    if (now >= too_late_) {
        too_late_ = never;
        if (state_ == State::loading || state_ == State::warming) {
            auto why =
                "it was not ready after " + seconds_text(settings_.startup) + ": " + last_why_;
            // A foreign server cannot be killed and started again, so it is given up.
            return settings_.is_ours ? fail(now, std::move(why), out)
                                     : give_up(std::move(why), out);
        }
        if (state_ == State::draining) return terminate(now, out);
    }
    if (now < next_) return;
    switch (state_) {
        case State::resting:
            return start(now, out);
        case State::loading:
        case State::serving:
            return look(Look::health, out);
        case State::warming:
            return look(Look::completion, out);
        case State::draining:
            // A drained worker is replaced; until then it is asked at short pauses whether it has
            // finished.
            if (e.activity.in_flight == 0) return terminate(now, out);
            next_ = now + settings_.first_look;
            return;
        case State::ending:
            return terminate(now, out);
        case State::asleep:
        case State::given_up:
            next_ = never;
    }
}

void WorkerFsm::handle(TimePoint now, Looked& e, Commands& out) {
    // The answer to a probe of an earlier process, or of a state that is over.
    if (!is_looking_ || e.look != look_) return;
    is_looking_ = false;
    if (state_ == State::serving) return looked_while_serving(now, e, out);
    if (state_ == State::loading || state_ == State::warming) looked_while_loading(now, e, out);
}

void WorkerFsm::looked_while_loading(TimePoint now, const Looked& e, Commands& out) {
    if (e.answer == Answer::well) {
        // An engine may be healthy before it can answer, so it serves only after a first
        // completion.
        if (state_ == State::warming) return serve(now, out);
        state_ = State::warming;
        return look(Look::completion, out);
    }
    last_why_ = e.why;
    state_ = State::loading;
    pause_ = std::min(pause_ * 2, settings_.last_look);
    next_ = now + pause_;
}

void WorkerFsm::serve(TimePoint now, Commands& out) {
    say(LogLevel::info, "is ready after " + seconds_text(now - since_), out);
    state_ = State::serving;
    was_ever_ready_ = true;
    restarts_.ready(now);
    looked_at_ = now;
    too_late_ = never;
    missed_ = 0;
    was_busy_ = false;
    still_ = Duration::zero();
    next_ = now + settings_.liveness;
    tell(Availability::there, {}, out);
}

void WorkerFsm::looked_while_serving(TimePoint now, const Looked& e, Commands& out) {
    const bool was_suspected = std::exchange(is_suspected_, false);
    next_ = now + (was_suspected ? settings_.last_look : settings_.liveness);
    if (is_stuck(now, e)) {
        return fail(
            now,
            std::to_string(e.activity.in_flight) +
                " requests are in flight, and not a token came for " + seconds_text(still_),
            out
        );
    }
    if (e.answer == Answer::well) {
        missed_ = 0;
        next_ = now + settings_.liveness;
        // After a suspicion: requests may be sent again.
        if (!is_told_there_) tell(Availability::there, {}, out);
        return;
    }
    // A probe after a suspicion does not count as a miss, because several requests may break off at
    // the same moment.
    if (!was_suspected && ++missed_ >= settings_.misses) {
        fail(now, "it does not answer: " + e.why, out);
    }
}

// Watchdog: true if requests were in flight for the whole stall timeout without any sign of
// progress. Time without requests does not count, because an idle worker gives no sign. A moment
// without requests does not reset the timer, because requests may have been abandoned.
bool WorkerFsm::is_stuck(TimePoint now, const Looked& e) {
    const bool moves =
        e.activity.signs != signs_ || (!e.progress.empty() && e.progress != progress_);
    if (moves) {
        still_ = Duration::zero();
        missed_ = 0;  // The worker sends tokens, so it is alive; only its health check is slow.
    } else if (was_busy_) {
        still_ += now - looked_at_;
    }
    looked_at_ = now;
    was_busy_ = e.activity.in_flight > 0;
    signs_ = e.activity.signs;
    if (!e.progress.empty()) progress_ = e.progress;
    return settings_.progress > Duration::zero() && was_busy_ && still_ >= settings_.progress;
}

// A request to this worker broke off, or a CUDA error was seen. No request is sent to the worker
// until a health probe has succeeded.
void WorkerFsm::handle(TimePoint now, Suspected& e, Commands& out) {
    const bool can_fail = process_lives_ || state_ == State::serving;
    if (e.has_cuda_error && can_fail && state_ != State::ending) {
        return fail(now, "every call to it fails from now on: " + e.why, out);
    }
    tell(Availability::gone, {}, out);
    if (state_ != State::serving) return;
    look(Look::health, out);
    // After `look`, which clears it.
    is_suspected_ = true;
}

// A planned replacement: no new requests; those in flight may finish within `drain`.
void WorkerFsm::handle(TimePoint now, Due&, Commands& out) {
    if (state_ != State::serving || !settings_.is_ours) return;
    say(LogLevel::info, "is replaced by a fresh one (recycle_after)", out);
    tell(Availability::gone, {}, out);
    is_replaced_ = true;
    is_looking_ = false;
    state_ = State::draining;
    too_late_ = saturating_add(now, settings_.drain);
    next_ = now + settings_.first_look;
}

// Ends the process: SIGTERM, SIGTERM again, then SIGKILL. The second SIGTERM ends servers that wait
// for their clients after the first.
void WorkerFsm::terminate(TimePoint now, Commands& out) {
    state_ = State::ending;
    is_looking_ = false;
    too_late_ = never;
    if (++terms_ > 2) {
        next_ = never;
        out.emplace_back(Kill{});
        return;
    }
    next_ = now + (terms_ == 1 ? settings_.second_term : settings_.kill);
    out.emplace_back(Terminate{});
}

// Handles a worker that is dead, stuck or poisoned by a CUDA error. Our own process is killed; a
// foreign server is only probed until it is back.
void WorkerFsm::fail(TimePoint now, std::string why, Commands& out) {
    tell(Availability::gone, {}, out);
    is_looking_ = false;
    too_late_ = next_ = never;
    is_replaced_ = false;
    if (!settings_.is_ours) {
        state_ = State::loading;
        since_ = now;
        pause_ = settings_.last_look;
        next_ = now + pause_;
        return say(LogLevel::warn, "is away: " + why, out);
    }
    state_ = State::ending;
    end_reason_ = std::move(why);
    out.emplace_back(Kill{});
}

void WorkerFsm::handle(TimePoint now, Exited& e, Commands& out) {
    process_lives_ = false;
    is_looking_ = false;
    too_late_ = next_ = never;
    tell(Availability::gone, {}, out);
    if (is_stopped_) {
        state_ = State::asleep;
    } else if (is_replaced_) {
        start(now, out);
    } else if (e.out_of_memory && !was_ever_ready_) {
        // Once it was ready, its size fits, and lack of memory is a failure like any other.
        start_smaller_or_give_up(now, e.how, out);
    } else {
        rest_or_give_up(now, end_reason_.empty() ? e.how : end_reason_ + "; " + e.how, out);
    }
}

void WorkerFsm::start_smaller_or_give_up(TimePoint now, const std::string& how, Commands& out) {
    if (smaller_ > 0) {
        return give_up(
            "there is not enough memory for it, also with less context; choose a smaller model, or "
            "lower context or in_flight_per_worker: " +
                how,
            out
        );
    }
    ++smaller_;
    say(LogLevel::warn, "ran out of memory while loading; once more with less context", out);
    start(now, out);
}

void WorkerFsm::rest_or_give_up(TimePoint now, const std::string& how, Commands& out) {
    const auto again = restarts_.ended(now);
    if (!again) {
        return give_up(
            "it was started " + std::to_string(settings_.restarts.starts) +
                " times in vain; the last time: " + how,
            out
        );
    }
    state_ = State::resting;
    next_ = *again;
    say(LogLevel::warn, "ended: " + how + "; again in " + seconds_text(*again - now), out);
}

void WorkerFsm::give_up(std::string why, Commands& out) {
    state_ = State::given_up;
    too_late_ = next_ = never;
    say(LogLevel::error, "is given up for this run: " + why, out);
    // Not by `tell`, which drops news for a worker that is away already: only this news says that
    // it never comes back.
    out.emplace_back(Tell{Availability::shut, std::move(why)});
}

void WorkerFsm::handle(TimePoint now, Stop&, Commands& out) {
    if (std::exchange(is_stopped_, true)) return;
    tell(Availability::gone, {}, out);
    is_looking_ = false;
    if (state_ == State::ending) return;  // The process is being ended already.
    too_late_ = next_ = never;
    if (lives()) return terminate(now, out);
    state_ = State::asleep;
}

void WorkerFsm::tell(Availability availability, std::string why, Commands& out) {
    const bool is_there = availability == Availability::there;
    // Changes only: the dispatcher needs no news that it has.
    if (std::exchange(is_told_there_, is_there) == is_there) return;
    out.emplace_back(Tell{availability, std::move(why)});
}

void WorkerFsm::say(LogLevel level, std::string text, Commands& out) {
    out.emplace_back(Say{level, settings_.name + " " + std::move(text)});
}

}  // namespace skein::local
