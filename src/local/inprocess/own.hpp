#pragma once
#include "backend/backend.hpp"
#include "local/gpu/cuda_current.hpp"
#include "local/inprocess/callback_guard.hpp"
#include "local/lifecycle/restarts.hpp"

#include <skein/log.hpp>
#include <skein/model.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace skein {

class Expectation;
class OwnWorker;

// The backend of in-process models: makes attempts at models of the user, each on its own thread.
//
// User code may never return. Requests to such a model wait as long; `close` waits `max_close` at
// most, then detaches the thread.
class Own final : public Backend {
public:
    struct Plan {
        EndpointIndex first = 0;  // The endpoint of worker 0; the others follow.
        ModelFactory factory{};
        std::vector<Device> devices{};    // One for each worker.
        std::string name = "local";       // Prefix of the workers' names.
        std::uint64_t recycle_after = 0;  // Requests after which a model is recreated; 0: never.
        bool hedging = false;
        std::uint64_t seed = 0;
        local::RestartSettings restarts{};
        Duration max_close = std::chrono::seconds{2};
        std::shared_ptr<const Expectation> expectation{};  // Null: any answer will do.
        // See local/gpu/cuda_current.hpp.
        std::function<std::optional<std::string>(int cuda_index)> make_current = [](int index) {
            return local::make_current(index);
        };
    };

    // `control`: the event loop of the control thread. `news` and `log` are called like `tell`: on
    // any thread, and never after `close`.
    Own(Plan plan,
        boost::asio::io_context& control,
        Tell tell,
        CallbackGuard::News news,
        LogFunction log = {});
    ~Own() override;

    // Starts the threads, which load the models; later calls do nothing. Any thread; does not wait.
    void wake();

    void start(Attempt attempt) override;
    void stop(AttemptId id) override;
    void close() override;

private:
    struct Post {
        std::shared_ptr<OwnWorker> worker;
        std::thread thread{};
    };

    void tell_never_asked(AttemptId id, FaultKind kind);

    const EndpointIndex first_;
    const Duration max_close_;
    boost::asio::io_context& control_;
    const LogFunction log_;
    const std::shared_ptr<CallbackGuard> callbacks_;
    std::vector<Post> posts_;  // One for each device; the size never changes.

    std::mutex mutex_;       // Guards `Post::thread` and `is_awake_`.
    bool is_awake_ = false;  // Started or closed.
};

}  // namespace skein
