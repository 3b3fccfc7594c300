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

// What one worker is to be.
struct OwnJob {
    EndpointIndex endpoint = 0;
    std::string name{};  // `local-0`
    Device device{};
    ModelFactory factory{};
    std::uint64_t recycle_after = 0;  // Requests after which its model is made anew. 0: never.
    bool tells_of_beginnings = false;
    std::uint64_t seed = 0;
    worker::RestartSettings restarts{};
    // Makes the device current on the worker's thread. What went wrong, in words.
    std::function<std::optional<std::string>(int cuda_index)> make_current{};
};

// One model of the user's and who waits for it. Kept alive by its thread, which runs `run`: should
// the user's code not come back, nobody else need wait for it.
//
//     loading ──> there ──> gone, all who wait are handed back ──> a pause ──> loading …
//
// What it does not serve it hands back as `not_ready`: a request that was not at the model when
// that died has nothing to do with its death.
class OwnWorker {
public:
    OwnWorker(OwnJob job, std::shared_ptr<CallbackGuard> callbacks);

    // The thread's work: all of what the user wrote is called and destroyed here.
    void run();

    // None of these waits. False: there is no model now; it is to be told so elsewhere.
    [[nodiscard]] bool start(Attempt attempt);
    enum class Stopped : std::uint8_t { not_ours, waiting, running };
    Stopped stop(AttemptId id);  // `waiting`: it is not told of here.
    void close();

    // Did `run` return by then? It may not, long after `close`.
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
    void vanish();
    void say(LogLevel level, const std::string& what);
    void tell(Availability availability, std::string why = {});

    const OwnJob job_;
    const std::shared_ptr<CallbackGuard> callbacks_;

    // Of the thread alone.
    worker::Restarts restarts_;
    bool is_current_ = false;  // Is the device?
    std::string trouble_;      // Why it must start again; empty where it only is to.
    bool is_recycling_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Given> waiting_;
    Running running_;
    bool is_there_ = false;
    bool is_closed_ = false;
    bool is_over_ = false;
};

// Told of an attempt that no model was asked.
AttemptResult never_asked(FaultKind kind);

}  // namespace skein
