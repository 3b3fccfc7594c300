#pragma once
#include "backend/workers.hpp"
#include "local/pool.hpp"
#include "model/standing.hpp"

#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace skein {

// The workers of this machine as endpoints: the last of the settings, in a tier behind all others.
class LocalTier {
public:
    // On any thread; not after `close`.
    using Tell = std::function<void(EndpointNews)>;

    // Looks for what the pool of the settings needs, and adds its workers to the endpoints. Where
    // that cannot be and the pool is not required, it is taken out of the settings. Starts nothing.
    static Expected<std::unique_ptr<LocalTier>, ConfigError> open(Settings& settings, Tell tell);

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

// `local-3`
std::string worker_name(const LocalPool& pool, std::size_t number);

}  // namespace skein
