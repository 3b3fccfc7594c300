// The local pool: starts and supervises the worker processes of this machine, and reports when each
// is ready and at which address.
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

// A checked plan of a pool.
struct Plan {
    LocalPool pool{};
    std::string program{};               // Absolute path; empty if no program is started.
    std::vector<local::Place> places{};  // One for each worker.
};

// Looks for the program, the model and the devices; starts nothing. May block for seconds, because
// the GPU driver may have to initialise.
Expected<Plan, ConfigError> plan_pool(const LocalPool& pool);

// Supervisor of the worker processes. They are started, probed and reaped on the pool's own thread,
// which lives until the last of them is gone.
class Pool {
public:
    // Called on the pool's thread; never after `close`.
    using Tell = std::function<
        void(std::size_t worker, Availability availability, std::string why, WorkerAddress where)>;

    // Cleans up after crashed runs and prepares the folder. Starts no worker yet.
    static Expected<std::unique_ptr<Pool>, ConfigError> open(
        Plan plan, Tell tell, LogFunction log, std::uint64_t seed
    );

    // Calls `close`.
    ~Pool();

    // Any thread; these calls do not wait. `wake` starts all workers, one after the other on each
    // device.
    void wake();
    void suspect(std::size_t worker, bool has_cuda_error, std::string why);
    void due(std::size_t worker);

    // Ends all workers and waits for them: SIGTERM, after 2 s a second SIGTERM, 5 s later SIGKILL.
    void close();

    const std::vector<std::shared_ptr<local::EndpointActivity>>& activities() const {
        return activities_;
    }
    // The bearer token for requests to the workers; a new random token for each pool.
    const std::string& token() const;

private:
    class Impl;
    explicit Pool(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
    std::vector<std::shared_ptr<local::EndpointActivity>> activities_;
};

}  // namespace skein::local
