// One job from its settings to its tally: preflight, resume, session; and the public calls `run`,
// `plan`, `try_first`, `stop` and `cancel`.
//
// `run` blocks the calling thread. `stop`, `cancel` and `progress` may be called from any thread.
// No exception leaves this file: it becomes an error of kind `local`.
#include "job/run/deadline.hpp"
#include "job/run/found.hpp"
#include "job/run/plan.hpp"
#include "job/run/preflight.hpp"
#include "job/run/session.hpp"
#include "job/run/trial.hpp"

#include <skein/run.hpp>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace skein {

struct Run::Impl {
    explicit Impl(Job given) : job{std::move(given)} {}

    Expected<Tally, RunError> guarded(const std::function<Expected<Tally, RunError>()>& work);
    Expected<Tally, RunError> run();
    void tell(const Earlier& earlier) const;
    Tally already_complete(const Earlier& earlier, const Opened& opened) const;
    Expected<Tally, RunError> go(Preflight preflight, Opened opened);
    Expected<std::string, RunError> plan();
    Expected<Tally, RunError> try_first(std::uint64_t rows, const OnTrial& show);
    void stop(RunError why);
    void has_stopped();
    RunError stopped_or(RunError error);

    Job job;
    job::Interrupt reading;  // Ends a read that waits for input.
    job::Interrupt writing;  // Ends a write that waits for a reader.
    std::mutex mutex;        // Guards the members below.
    std::condition_variable changed;
    bool running = false;
    std::shared_ptr<RunSession> session;
    std::shared_ptr<RunTrial> trial;
    std::optional<RunError> stopped;
    bool cancelled = false;
    Progress last;
    std::optional<RunDeadline> out_of_grace;
};

Expected<Tally, RunError> Run::Impl::run() {
    // The clock begins before the preflight. The destructor waits for a call of `stop` that has
    // begun, so its thread never outlives this function.
    std::optional<RunDeadline> deadline;
    if (job.timeout > Duration::zero()) {
        deadline.emplace(job.timeout, [this] {
            stop({RunError::Kind::policy, "stopped: timeouts.job has passed"});
        });
    }
    auto preflight = look_at(job, reading);
    if (!preflight) return stopped_or(preflight.error());
    auto found = find_earlier(job, *preflight, reading);
    if (!found) return stopped_or(found.error());
    tell(found->earlier);
    if (found->earlier.kind == Earlier::Kind::complete) {
        return already_complete(found->earlier, *found->opened);
    }
    auto opened = open_journal(job, *preflight, std::move(*found));
    if (!opened) return opened.error();
    if (!opened->note.empty() && job.settings.log) job.settings.log(LogLevel::warn, opened->note);
    return go(std::move(*preflight), std::move(*opened));
}

Expected<Tally, RunError> Run::Impl::go(Preflight preflight, Opened opened) {
    // On the heap, because output and recorder refer to the journal in it, whose address must not
    // change.
    auto kept = std::make_unique<Opened>(std::move(opened));
    // The time of the file tells the next run that requests may have left, even if nothing is
    // journaled before a kill.
    kept->journal.mark();
    auto settings = job.output;
    if (preflight.standing == job::OutputPresence::there)
        settings.overwrite = true;  // The new output replaces it with better replies.
    auto output = job::OrderedOutput::open(settings, kept->journal, writing);
    if (!output) return output.error();
    // After OUT.part exists, because the part marks the present output as an older one that is
    // being replaced. A kill between the two steps is then harmless.
    if (kept->facts) {
        if (auto changed = kept->journal.change(*kept->facts); !changed) return changed.error();
    }

    auto going = std::make_shared<RunSession>(
        job, std::move(preflight), std::move(kept), std::move(*output), [this] { has_stopped(); }
    );
    // A stop or cancel that came before the session existed is passed on to it.
    std::optional<RunError> stopped_before;
    {
        const std::lock_guard lock{mutex};
        session = going;
        stopped_before = stopped;
        if (cancelled) going->cancel();
    }
    if (stopped_before) going->stop(*stopped_before);
    auto result = going->run();
    // Kept for calls of `Run::progress` after the session is gone.
    auto progress = going->progress();
    const std::lock_guard lock{mutex};
    last = std::move(progress);
    session.reset();
    return result;
}

// Logs what is resumed or replaced, in the words of `skein check`.
void Run::Impl::tell(const Earlier& earlier) const {
    if (!job.settings.log || earlier.kind == Earlier::Kind::none) return;
    job.settings.log(LogLevel::info, job::shown(job.output.file) + " is " + earlier_text(earlier));
}

// The tally of a job whose rows are all done: nothing is asked, so all numbers are those of earlier
// runs.
Tally Run::Impl::already_complete(const Earlier& earlier, const Opened& opened) const {
    Tally tally;
    tally.rows = tally.done = tally.written = tally.resumed = earlier.done;
    tally.failed_lines = earlier.failed;
    tally.earlier = opened.spent;
    tally.failures = opened.failures.list();
    tally.other_failures = opened.failures.others();
    return tally;
}

// `skein check`: looks at everything that `run` looks at, and sends nothing. Only a regular file is
// surveyed, because a stream can be read once.
Expected<std::string, RunError> Run::Impl::plan() {
    auto preflight = look_at(job, reading);
    if (!preflight) return preflight.error();
    auto found = find_earlier(job, *preflight, reading);
    if (!found) return found.error();
    std::optional<Survey> seen;
    if (preflight->scan) {
        auto* known = found->opened ? &found->opened->rows : nullptr;
        auto surveyed = survey(job, *preflight, known, reading);
        if (!surveyed) return surveyed.error();
        seen.emplace(std::move(*surveyed));
    }
    return plan_text(job, *preflight, found->earlier, seen);
}

Expected<Tally, RunError> Run::Impl::try_first(std::uint64_t rows, const OnTrial& show) {
    auto preflight = look_at(job, reading, Look::first_rows);
    if (!preflight) return stopped_or(preflight.error());
    auto going = std::make_shared<RunTrial>(job, std::move(*preflight));
    {
        const std::lock_guard lock{mutex};
        trial = going;
        // A stop that came before the trial existed. Under the lock, under which `stop` reads
        // `trial`: one of the two sees the other.
        if (stopped) going->stop();
        if (cancelled) going->cancel();
    }
    auto tally = going->run(rows, show);
    const std::lock_guard lock{mutex};
    trial.reset();
    if (stopped) return *stopped;
    return tally;
}

// The reason is stored before any wait is interrupted, because the interrupted call reports it.
void Run::Impl::stop(RunError why) {
    std::shared_ptr<RunSession> going;
    std::shared_ptr<RunTrial> trying;
    {
        const std::lock_guard lock{mutex};
        if (!stopped) stopped = why;
        going = session;
        trying = trial;
    }
    // Outside the lock, because the session calls `has_stopped`, which takes it.
    if (going) going->stop(std::move(why));
    if (trying) trying->stop();
    reading.raise();
}

// Called once for the first reason to stop. Ends a blocked read of the input. A blocked write (a
// pipe that is not read) may go on for the grace of the job, as long as requests in flight may.
void Run::Impl::has_stopped() {
    reading.raise();
    const std::lock_guard lock{mutex};
    if (!out_of_grace) out_of_grace.emplace(job.grace, [this] { writing.raise(); });
}

// The reason of a stop replaces the error that the stop itself caused (an interrupted read).
RunError Run::Impl::stopped_or(RunError error) {
    const std::lock_guard lock{mutex};
    return stopped.value_or(std::move(error));
}

Run::Run(Job job) : impl_{std::make_unique<Impl>(std::move(job))} {}

// Cancels a run on another thread and waits for its end, because that thread uses `impl_`.
Run::~Run() {
    cancel();
    std::unique_lock lock{impl_->mutex};
    impl_->changed.wait(lock, [this] { return !impl_->running; });
}

Expected<std::string, RunError> Run::plan() {
    try {
        return impl_->plan();
    } catch (const std::exception& error) {
        return internal_failure(error.what());
    }
}

// The frame of every blocking call: notes that it runs, for the destructor, and turns an exception
// into an error. The session is released before `running` becomes false, because it refers to this
// object.
Expected<Tally, RunError> Run::Impl::guarded(const std::function<Expected<Tally, RunError>()>& work
) {
    {
        const std::lock_guard lock{mutex};
        running = true;
    }
    auto result = [&]() -> Expected<Tally, RunError> {
        try {
            return work();
        } catch (const std::exception& error) {
            return internal_failure(error.what());
        }
    }();
    const std::lock_guard lock{mutex};
    session.reset();
    trial.reset();
    running = false;
    changed.notify_all();  // Under the lock: the destructor may be waiting for it.
    return result;
}

Expected<Tally, RunError> Run::run() {
    return impl_->guarded([this] { return impl_->run(); });
}

Expected<Tally, RunError> Run::try_first(std::uint64_t rows, const OnTrial& show) {
    return impl_->guarded([&] { return impl_->try_first(rows, show); });
}

void Run::stop() { impl_->stop({RunError::Kind::stopped, "stopped on request"}); }

// `writing` is raised as well, because a blocked write to a pipe would outlive the cancel.
void Run::cancel() {
    stop();
    impl_->writing.raise();
    const std::lock_guard lock{impl_->mutex};
    impl_->cancelled = true;
    if (impl_->session) impl_->session->cancel();
    if (impl_->trial) impl_->trial->cancel();
}

Progress Run::progress() const {
    std::shared_ptr<RunSession> session;
    {
        const std::lock_guard lock{impl_->mutex};
        session = impl_->session;
        if (!session) return impl_->last;
    }
    // Outside the lock, because the tally is asked from the control thread, which may take a while.
    // The shared pointer keeps the session alive.
    return session->progress();
}

Expected<Tally, RunError> run_job(Job job) { return Run{std::move(job)}.run(); }

}  // namespace skein
