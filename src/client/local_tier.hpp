#pragma once
#include "backend/workers.hpp"
#include "local/pool.hpp"
#include "model/standing.hpp"

#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace skein {

// The workers of this machine as endpoints: the last of the settings, in a tier behind all others.
class LocalTier {
public:
    // On any thread; not after `close`.
    using Tell = std::function<void(EndpointNews)>;

    // Adds the workers of a plan to the endpoints of the settings. Starts nothing.
    static Expected<std::unique_ptr<LocalTier>, ConfigError> open(
        const local::Plan& plan, Settings& settings, Tell tell
    );

    // Calls the workers up; the first call counts. Any thread, does not wait.
    void wake() { pool_->wake(); }

    // What the wire must know of them. It refers to this.
    Workers workers();

    // Ends all of them, in bounded time.
    void close() { pool_->close(); }

private:
    explicit LocalTier(EndpointIndex first) : first_{first} {}

    EndpointIndex first_;
    bool are_ours_ = true;
    std::uint64_t recycle_after_ = 0;
    std::unique_ptr<local::Pool> pool_;
};

// What the local pool of the settings will be, if there is one and it can be. Where it cannot be
// and is not required there will be none, and `why_none` says why. Starts nothing.
struct LocalPlan {
    std::optional<local::Plan> pool{};
    std::string why_none{};
};
Expected<LocalPlan, ConfigError> plan_of_local(const Settings& settings);

// `local-3`
std::string worker_name(const LocalPool& pool, std::size_t number);

}  // namespace skein
