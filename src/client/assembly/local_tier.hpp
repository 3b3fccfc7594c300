#pragma once
#include "local/inprocess/own.hpp"
#include "local/lifecycle/workers.hpp"
#include "local/pool/pool.hpp"
#include "measure/loop_watch.hpp"
#include "model/availability.hpp"

#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace skein {

// The workers of this machine as endpoints, in a fallback tier after all others. A worker is a
// process or an in-process model of the user; only this class distinguishes the two.
class LocalTier {
public:
    // Called on any thread; not after `close`, and not after the backend is destroyed.
    using Tell = std::function<void(EndpointUpdate)>;

    // Adds the workers of a plan to the endpoints of the settings. Starts nothing.
    static Expected<std::unique_ptr<LocalTier>, ConfigError> open(
        local::Plan plan, Settings& settings, Tell tell
    );

    // The backend for all endpoints of the settings, remote and local. Call it once; the backend
    // refers to this object.
    std::unique_ptr<Backend> make_backend(
        const Settings& settings,
        boost::asio::io_context& control,
        const Backend::Tell& tell,
        LoopWatch& watch
    );

    // Starts the workers; later calls do nothing. Any thread while the backend exists. Does not
    // wait.
    void wake();

    // Ends all processes in bounded time.
    void close();

private:
    LocalTier(EndpointIndex first, local::Plan plan, Tell tell);

    std::optional<ConfigError> open_pool(const Settings& settings);
    void add_endpoints(Settings& settings) const;
    Workers workers();
    Own::Plan own_plan(const Settings& settings) const;

    const EndpointIndex first_;
    const local::Plan plan_;
    const Tell tell_;
    std::unique_ptr<local::Pool> pool_;  // Workers that are processes.
    Own* own_ = nullptr;  // Workers that are in-process models; owned by the backend.
};

// The plan of the local pool. If the pool is impossible and not required, `pool` is empty and
// `why_none` says why; if it is required, that is an error. Starts nothing.
struct LocalPlan {
    std::optional<local::Plan> pool{};
    std::string why_none{};
};
Expected<LocalPlan, ConfigError> plan_of_local(const Settings& settings);

// True if the job cannot run without its local pool.
bool is_needed(const Settings& settings);

}  // namespace skein
