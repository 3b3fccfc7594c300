// The backend of in-process models: one thread for each model, calls handed out by endpoint.
//
// Invariant: `close` returns in bounded time even if user code hangs: its thread is detached and
// keeps its own worker alive.
#include "local/inprocess/own.hpp"

#include "base/random.hpp"
#include "local/inprocess/own_worker.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <system_error>
#include <utility>

namespace skein {

Own::Own(
    Plan plan,
    boost::asio::io_context& control,
    Tell tell,
    CallbackGuard::News news,
    LogFunction log
)
    : first_{plan.first},
      max_close_{plan.max_close},
      control_{control},
      log_{log},
      callbacks_{
          std::make_shared<CallbackGuard>(std::move(tell), std::move(news), std::move(log))} {
    for (std::size_t i = 0; i < plan.devices.size(); ++i) {
        OwnJob job{
            .endpoint = first_ + i,
            .name = plan.name + '-' + std::to_string(i),
            .device = plan.devices[i],
            .factory = plan.factory,
            .recycle_after = plan.recycle_after,
            .tells_of_beginnings = plan.hedging,
            .seed = mix(plan.seed, i),
            .restarts = plan.restarts,
            .make_current = plan.make_current,
            .expectation = plan.expectation};
        posts_.push_back({std::make_shared<OwnWorker>(std::move(job), callbacks_)});
    }
}

Own::~Own() { close(); }

// Starts the threads once. A thread that cannot be started closes its endpoint only.
void Own::wake() {
    const std::lock_guard lock{mutex_};
    if (std::exchange(is_awake_, true)) return;
    for (std::size_t i = 0; i < posts_.size(); ++i) {
        auto& [worker, thread] = posts_[i];
        try {
            thread = std::thread{[worker = worker] { worker->run(); }};
        } catch (const std::system_error& error) {
            callbacks_->news(
                {.endpoint = first_ + i,
                 .availability = Availability::shut,
                 .why = std::string{"cannot start a thread: "} + error.what()}
            );
        }
    }
}

void Own::start(Attempt attempt) {
    const auto id = attempt.id;
    auto& worker = *posts_[attempt.endpoint - first_].worker;
    // The model was lost since the dispatcher chose it. The attempt still ends with one result.
    if (!worker.start(std::move(attempt))) tell_never_asked(id, FaultKind::not_ready);
}

// The attempt may belong to another backend; then nothing happens.
void Own::stop(AttemptId id) {
    for (const auto& post : posts_) {
        const auto stopped = post.worker->stop(id);
        if (stopped == OwnWorker::Stopped::waiting) tell_never_asked(id, FaultKind::cancelled);
        if (stopped != OwnWorker::Stopped::not_ours) return;
    }
}

// Posted, because a backend must not report an event from inside `start` or `stop`.
void Own::tell_never_asked(AttemptId id, FaultKind kind) {
    boost::asio::post(control_, [callbacks = callbacks_, id, kind] {
        callbacks->tell(AttemptDone{id, never_asked(kind)});
    });
}

void Own::close() {
    const std::lock_guard lock{mutex_};
    is_awake_ = true;  // A later `wake` must not start threads.
    // First the callbacks: a thread that is left behind must not call into a destroyed program.
    callbacks_->close();
    for (const auto& post : posts_) post.worker->close();
    const auto until = Clock::now() + max_close_;
    for (auto& [worker, thread] : posts_) {
        if (!thread.joinable()) continue;
        if (worker->wait_until_over(until)) {
            thread.join();
            continue;
        }
        // The thread shares ownership of its worker and of the callbacks, so that it touches
        // nothing of this object when its model returns at last.
        thread.detach();
        if (log_) {
            log_(
                LogLevel::warn,
                "worker=" + worker->name() +
                    " its model does not return though told to stop; it is left behind, and "
                    "keeps what it holds until it returns or the program ends"
            );
        }
    }
}

}  // namespace skein
