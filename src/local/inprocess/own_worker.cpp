// One in-process model: loads it, serves its queue of attempts, and loads it again after a failure.
//
// Invariant: every accepted attempt gets one result, or the worker is closed. User code runs on the
// worker's own thread, without the mutex; only stop callbacks may run on the control thread.
#include "local/inprocess/own_worker.hpp"

#include "backend/chunk_pipe.hpp"
#include "dialect/answer/growth.hpp"
#include "dialect/expectation.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace skein {

AttemptResult never_asked(FaultKind kind) {
    const bool is_stopped = kind == FaultKind::cancelled;
    return {
        Fault{
            .kind = kind, .detail = is_stopped ? "told to stop" : "the local model is not loaded"},
        {},
        false};
}

OwnWorker::OwnWorker(OwnJob job, std::shared_ptr<CallbackGuard> callbacks)
    : job_{std::move(job)}, callbacks_{std::move(callbacks)}, restarts_{job_.seed, job_.restarts} {}

// The model is created and destroyed on this thread, once for each round of the loop.
void OwnWorker::run() {
    while (const auto model = load()) serve(*model);
    const std::lock_guard lock{mutex_};
    is_over_ = true;
    changed_.notify_all();
}

// --- Called on the control thread ----------------------------------------------------------------

bool OwnWorker::start(Attempt attempt) {
    const std::lock_guard lock{mutex_};
    if (!is_there_) return false;
    // The time of arrival, because the wait in this queue is a part of the attempt.
    waiting_.push_back({std::move(attempt), Clock::now()});
    changed_.notify_all();
    return true;
}

OwnWorker::Stopped OwnWorker::stop(AttemptId id) {
    std::stop_source stop{std::nostopstate};
    {
        const std::lock_guard lock{mutex_};
        const auto is_it = [&](const Given& given) { return given.attempt.id == id; };
        // The model never saw the attempt, so the caller reports it. A running one is reported by
        // the thread.
        if (std::erase_if(waiting_, is_it) > 0) return Stopped::waiting;
        if (running_.id != id) return Stopped::not_ours;
        stop = running_.stop;
    }
    stop.request_stop();  // Outside the lock, because it may call stop callbacks of user code.
    return Stopped::running;
}

// Ends the wait for an attempt, the wait before a restart, and asks the running call to stop.
// Attempts that wait are dropped: the callbacks are closed by then.
void OwnWorker::close() {
    std::stop_source stop{std::nostopstate};
    {
        const std::lock_guard lock{mutex_};
        is_closed_ = true;
        stop = running_.stop;
        changed_.notify_all();
    }
    stop.request_stop();
}

bool OwnWorker::wait_until_over(TimePoint until) {
    std::unique_lock lock{mutex_};
    return changed_.wait_until(lock, until, [this] { return is_over_; });
}

// --- Runs on the worker's thread -----------------------------------------------------------------

// Loads the model, with retries, and announces it. Null if the worker is closed or given up.
std::unique_ptr<Model> OwnWorker::load() {
    while (may_load()) {
        if (auto model = make()) {
            appear();
            return model;
        }
        say(LogLevel::warn, "cannot load its model: " + trouble_);
    }
    return nullptr;
}

// After a failure waits for the backoff of the restart policy. False if closed or given up.
bool OwnWorker::may_load() {
    if (!trouble_.empty()) {
        const auto when = restarts_.ended(Clock::now());
        if (!when) {
            const auto starts = "given up after " + std::to_string(restarts_.starts()) + " starts";
            tell(Availability::shut, starts + "; the last: " + json::printable(trouble_));
            return false;
        }
        std::unique_lock lock{mutex_};
        changed_.wait_until(lock, *when, [this] { return is_closed_; });
    }
    {
        const std::lock_guard lock{mutex_};
        if (is_closed_) return false;
    }
    // A recycling is planned, so the restart policy does not count it.
    if (!std::exchange(is_recycling_, false)) restarts_.started(Clock::now());
    return true;
}

// Calls the factory. Null on failure, with the reason in `trouble_`.
std::unique_ptr<Model> OwnWorker::make() {
    // Once for the thread. After a failure it is tried again at the next start.
    if (!is_current_) {
        if (const auto why = job_.make_current(job_.device.cuda_index)) {
            trouble_ = "cannot use " + job_.device.name + ": " + *why;
            return nullptr;
        }
        is_current_ = true;
    }
    std::optional<Expected<std::unique_ptr<Model>, std::string>> made;
    trouble_ = thrown_by([&] { made = job_.factory(job_.device); });
    if (!made) return nullptr;
    if (*made && **made) return std::move(**made);
    trouble_ = *made ? "the factory gave no model" : made->error();
    if (trouble_.empty()) trouble_ = "the factory gave no reason";
    return nullptr;
}

void OwnWorker::appear() {
    restarts_.ready(Clock::now());
    {
        const std::lock_guard lock{mutex_};
        is_there_ = true;
    }
    say(LogLevel::info, "its model is loaded on " + job_.device.name);
    tell(Availability::there);
}

// Serves attempts until the model is lost, is due for recycling, or the worker is closed.
void OwnWorker::serve(Model& model) {
    std::uint64_t served = 0;
    while (const auto given = next(served)) {
        auto answer = ask(model, *given);
        ++served;
        trouble_ = std::move(answer.death);
        if (!trouble_.empty()) vanish();
        if (job_.expectation)
            job_.expectation->check(given->attempt.request, Endpoint{}, answer.result);
        hand_on_whole(given->attempt, answer.result);
        callbacks_->tell(AttemptDone{given->attempt.id, std::move(answer.result)});
        if (!trouble_.empty()) return;
    }
}

// An answer of a model that gave no pieces.
void OwnWorker::hand_on_whole(const Attempt& attempt, const AttemptResult& result) {
    const auto* completion = std::get_if<Completion>(&result.outcome);
    if (!attempt.chunks || !completion || attempt.chunks->has_begun()) return;
    auto chunks = chunks_of(*completion, attempt.request->operation);
    if (attempt.chunks->put(chunks)) callbacks_->tell(AttemptChunk{attempt.id});
}

// Waits for the next attempt. Nothing if closed or if the model is to be recycled. Before a
// recycling the endpoint is announced as gone, and attempts that are already queued are served.
std::optional<OwnWorker::Given> OwnWorker::next(std::uint64_t served) {
    // `served` grows beyond the limit while the queue is emptied, so the news is told once, at the
    // limit itself.
    const bool is_last = job_.recycle_after > 0 && served >= job_.recycle_after;
    if (is_last && served == job_.recycle_after) {
        say(LogLevel::info, "has served " + std::to_string(served) + ", its model is made anew");
        tell(Availability::gone);
    }
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return is_closed_ || is_last || !waiting_.empty(); });
    if (is_closed_ || waiting_.empty()) {
        is_there_ = false;
        is_recycling_ = is_last;
        return std::nullopt;
    }
    auto given = std::move(waiting_.front());
    waiting_.pop_front();
    // Set under the same lock as the removal from the queue, so that `stop` finds the attempt in
    // one of the two.
    running_ = {given.attempt.id, std::stop_source{}};
    return given;
}

OwnAnswer OwnWorker::ask(Model& model, const Given& given) {
    const auto id = given.attempt.id;
    const auto began = [&] {
        if (job_.tells_of_beginnings) callbacks_->tell(AttemptBegan{id});
    };
    const auto number = std::to_string(static_cast<std::uint64_t>(id));
    auto answer = ask_model(
        model,
        given.attempt,
        given.since,
        job_.name + '-' + number,
        running_.stop.get_token(),
        began,
        [&] { callbacks_->tell(AttemptChunk{id}); }
    );
    const std::lock_guard lock{mutex_};
    running_ = {};
    return answer;
}

// Announces the loss of the model and hands the queue back. Called before the faulty attempt is
// reported, because the dispatcher would otherwise choose this worker for the retry.
void OwnWorker::vanish() {
    std::deque<Given> handed_back;
    {
        const std::lock_guard lock{mutex_};
        is_there_ = false;
        handed_back.swap(waiting_);
    }
    say(LogLevel::warn, "its model is lost and will be loaded again: " + trouble_);
    tell(Availability::gone);
    for (const auto& given : handed_back) {
        callbacks_->tell(AttemptDone{given.attempt.id, never_asked(FaultKind::not_ready)});
    }
}

void OwnWorker::say(LogLevel level, const std::string& what) {
    callbacks_->log(level, "worker=" + job_.name + ' ' + json::printable(what));
}

void OwnWorker::tell(Availability availability, std::string why) {
    callbacks_->news(
        {.endpoint = job_.endpoint, .availability = availability, .why = std::move(why)}
    );
}

}  // namespace skein
