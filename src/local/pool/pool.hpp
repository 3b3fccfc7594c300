// The local pool: starts the workers of this machine, watches over them, and says when each can be
// asked and where.
#pragma once
#include "local/lifecycle/endpoint_activity.hpp"
#include "local/plan/placement.hpp"
#include "local/process/run_folder.hpp"
#include "model/availability.hpp"

#include <skein/error.hpp>
#include <skein/local.hpp>
#include <skein/log.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace skein::local {

// What a pool is going to be, and that it can be.
struct Plan {
    LocalPool pool{};
    std::string program{};                // Found, absolute; empty if none is started.
    std::vector<worker::Place> places{};  // One for each worker.
};

// Looks for the program, the model and the devices; starts nothing. May take seconds where the
// driver of a GPU has to be woken.
Expected<Plan, ConfigError> plan_pool(const LocalPool& pool);

// Processes are started on a thread of the pool's own, which lives until the last of them is gone,
// and nowhere else: the system ends them with the thread that started them.
class Pool {
public:
    // Told on the pool's thread. After `close` nothing is told.
    using Tell = std::function<
        void(std::size_t worker, Availability availability, std::string why, WorkerAddress where)>;

    // Clears up after runs that could not. Starts no worker yet.
    static Expected<std::unique_ptr<Pool>, ConfigError> open(
        Plan plan, Tell tell, LogFunction log, std::uint64_t seed
    );

    // As `close`.
    ~Pool();

    // Any thread; none of these waits. The first calls all workers up, one after the other on each
    // device.
    void wake();
    void suspect(std::size_t worker, bool has_cuda_error, std::string why);
    void due(std::size_t worker);

    // Ends all of them, and waits for it: SIGTERM, after 2 s another, after 5 s SIGKILL.
    void close();

    const std::vector<std::shared_ptr<worker::EndpointActivity>>& activities() const {
        return activities_;
    }
    // For the requests to them. Drawn anew for each pool.
    const std::string& token() const;

private:
    class Impl;
    explicit Pool(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
    std::vector<std::shared_ptr<worker::EndpointActivity>> activities_;
};

}  // namespace skein::local
