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

class OwnWorker;

// Makes attempts at models of the user's own, each on a thread of its own.
//
// What is the user's to bring to an end may never end. Whoever waits for it waits for so long;
// `close` does not, and leaves the thread behind.
class Own final : public Backend {
public:
    struct Plan {
        EndpointIndex first = 0;  // The endpoint of the first worker; the others follow.
        ModelFactory factory{};
        std::vector<Device> devices{};    // One for each worker.
        std::string name = "local";       // What is in front of a worker's number.
        std::uint64_t recycle_after = 0;  // Requests after which a model is made anew. 0: never.
        bool hedging = false;
        std::uint64_t seed = 0;
        worker::RestartSettings restarts{};
        Duration longest_close = std::chrono::seconds{2};
        // See gpu/cuda_current.hpp.
        std::function<std::optional<std::string>(int cuda_index)> make_current = [](int index) {
            return local::make_current(index);
        };
    };

    // `control` is where the control thread runs. `news` and `log` are called as `tell` is: on any
    // thread, and not after `close`.
    Own(Plan plan,
        boost::asio::io_context& control,
        Tell tell,
        CallbackGuard::News news,
        LogFunction log = {});
    ~Own() override;

    // Loads the models, the first time. Any thread; does not wait.
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
    const Duration longest_close_;
    boost::asio::io_context& control_;
    const LogFunction log_;
    const std::shared_ptr<CallbackGuard> callbacks_;
    std::vector<Post> posts_;  // As many as there are devices, always.

    std::mutex mutex_;       // Of the threads in there, and of
    bool is_awake_ = false;  // Or closed, and never will be.
};

}  // namespace skein
