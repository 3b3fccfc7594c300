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

// The workers of this machine as endpoints: the last of the settings, in a tier behind all others.
// They are processes, or models of the user's own; that is told apart here, and nowhere else.
class LocalTier {
public:
    // On any thread; not after `close`, and not after the backend is gone.
    using Tell = std::function<void(EndpointUpdate)>;

    // Adds the workers of a plan to the endpoints of the settings. Starts nothing.
    static Expected<std::unique_ptr<LocalTier>, ConfigError> open(
        local::Plan plan, Settings& settings, Tell tell
    );

    // What makes attempts at all endpoints of the settings. Once; it refers to this.
    std::unique_ptr<Backend> make_backend(
        const Settings& settings,
        boost::asio::io_context& control,
        const Backend::Tell& tell,
        LoopWatch& watch
    );

    // Calls the workers up; the first call counts. Any thread, while the backend is there. Does
    // not wait.
    void wake();

    // Ends all processes, in bounded time.
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
    std::unique_ptr<local::Pool> pool_;  // Of processes,
    Own* own_ = nullptr;                 // or, a part of the backend, of the user's own models.
};

// What the local pool of the settings will be, if there is one and it can be. Where it cannot be
// and is not required there will be none, and `why_none` says why. Starts nothing.
struct LocalPlan {
    std::optional<local::Plan> pool{};
    std::string why_none{};
};
Expected<LocalPlan, ConfigError> plan_of_local(const Settings& settings);

// Is there nothing without its local pool?
bool is_needed(const Settings& settings);

}  // namespace skein
