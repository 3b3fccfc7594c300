#pragma once
#include "local/inprocess/callback_guard.hpp"
#include "local/inprocess/own_call.hpp"
#include "local/lifecycle/restarts.hpp"

#include <skein/model.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace skein {

class Expectation;

// Settings of one worker.
struct OwnJob {
    EndpointIndex endpoint = 0;
    std::string name{};  // `local-0`
    Device device{};
    ModelFactory factory{};
    std::uint64_t recycle_after = 0;  // Requests after which its model is recreated; 0: never.
    bool tells_of_beginnings = false;
    std::uint64_t seed = 0;
    local::RestartSettings restarts{};
    // Makes the device current on the worker's thread. Returns the problem, if any.
    std::function<std::optional<std::string>(int cuda_index)> make_current{};
    std::shared_ptr<const Expectation> expectation{};  // What answers must satisfy; may be null.
};

// One model of the user and the queue of its attempts. The thread that runs `run` shares ownership,
// so that the program need not wait for user code that never returns.
//
//     loading ──> there ──> gone, its queue is handed back ──> a pause ──> loading …
//
// Attempts in the queue of a lost model are handed back as `not_ready`, because they were not at
// the model when it failed.
class OwnWorker {
public:
    OwnWorker(OwnJob job, std::shared_ptr<CallbackGuard> callbacks);

    // The body of the thread: user code is called and destroyed here.
    void run();

    // Control thread; these calls do not wait. `start` is false if there is no model now: the
    // caller must report the attempt.
    [[nodiscard]] bool start(Attempt attempt);
    enum class Stopped : std::uint8_t { not_ours, waiting, running };
    Stopped stop(AttemptId id);  // `waiting`: the caller must report the attempt.
    void close();

    // True if `run` has returned by `until`. User code may delay it long after `close`.
    bool wait_until_over(TimePoint until);

    const std::string& name() const { return job_.name; }

private:
    struct Given {
        Attempt attempt;
        TimePoint since;
    };
    struct Running {
        AttemptId id{};
        std::stop_source stop{std::nostopstate};
    };

    std::unique_ptr<Model> load();
    bool may_load();
    std::unique_ptr<Model> make();
    void appear();
    void serve(Model& model);
    std::optional<Given> next(std::uint64_t served);
    OwnAnswer ask(Model& model, const Given& given);
    void hand_on_whole(const Attempt& attempt, const AttemptResult& result);
    void vanish();
    void say(LogLevel level, const std::string& what);
    void tell(Availability availability, std::string why = {});

    const OwnJob job_;
    const std::shared_ptr<CallbackGuard> callbacks_;

    // Used by the thread only.
    local::Restarts restarts_;
    bool is_current_ = false;  // The device is current on this thread.
    std::string trouble_;      // Reason of the restart; empty for a recycling.
    bool is_recycling_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Given> waiting_;
    Running running_;
    bool is_there_ = false;
    bool is_closed_ = false;
    bool is_over_ = false;
};

// The result of an attempt that never reached a model.
AttemptResult never_asked(FaultKind kind);

}  // namespace skein
