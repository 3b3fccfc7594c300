// Builds the local tier: plans the pool, appends its workers to the endpoints, and combines the
// backends.
//
// Invariant: worker i is endpoint `first_` + i. Starts no process before `wake`.
#include "client/assembly/local_tier.hpp"

#include "backend/remote.hpp"
#include "backend/split_backend.hpp"
#include "dialect/expectation.hpp"
#include "local/plan/preset.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

// The tier behind all endpoints of the settings, because workers serve last.
int last_tier(const Settings& settings) {
    int tier = -1;
    for (const auto& endpoint : settings.endpoints) tier = std::max(tier, endpoint.tier);
    return tier + 1;
}

}  // namespace

bool is_needed(const Settings& settings) {
    return settings.local && (settings.local->required || settings.endpoints.empty());
}

// A pool that is impossible on this machine is an error only if the job needs it.
Expected<LocalPlan, ConfigError> plan_of_local(const Settings& settings) {
    if (!settings.local) return LocalPlan{};
    auto plan = local::plan_pool(*settings.local);
    if (plan) return LocalPlan{.pool = std::move(*plan)};
    if (is_needed(settings)) return plan.error();
    return LocalPlan{.why_none = plan.error().text()};
}

LocalTier::LocalTier(EndpointIndex first, local::Plan plan, Tell tell)
    : first_{first}, plan_{std::move(plan)}, tell_{std::move(tell)} {}

Expected<std::unique_ptr<LocalTier>, ConfigError> LocalTier::open(
    local::Plan plan, Settings& settings, Tell tell
) {
    std::unique_ptr<LocalTier> tier{
        new LocalTier{settings.endpoints.size(), std::move(plan), std::move(tell)}};
    // Models in this process (`factory`) are made by the backend and need no pool of processes.
    if (!tier->plan_.pool.factory) {
        if (auto wrong = tier->open_pool(settings)) return std::move(*wrong);
    }
    tier->add_endpoints(settings);
    return tier;
}

std::optional<ConfigError> LocalTier::open_pool(const Settings& settings) {
    auto pool = local::Pool::open(
        plan_,
        [this](
            std::size_t worker, Availability availability, std::string why, WorkerAddress where
        ) {
            tell_({first_ + worker, availability, std::move(why), std::move(where)});
        },
        settings.log,
        settings.seed
    );
    if (!pool) return pool.error();
    pool_ = std::move(*pool);
    return std::nullopt;
}

// Appends one endpoint for each worker. `first_` was taken before, so worker i is endpoint `first_`
// + i.
void LocalTier::add_endpoints(Settings& settings) const {
    const auto tier = last_tier(settings);
    for (std::size_t i = 0; i < plan_.places.size(); ++i) {
        Endpoint endpoint;
        endpoint.name = local::worker_name(plan_.pool, i);
        endpoint.url = "http://localhost/v1";  // Until the worker reports its address.
        endpoint.model = local::model_name(plan_.pool);
        // The bearer token of this pool, a new random one for each pool.
        if (pool_) endpoint.api_key = Secret{pool_->token()};
        endpoint.tier = tier;
        endpoint.in_flight = plan_.pool.in_flight_per_worker;
        settings.endpoints.push_back(std::move(endpoint));
    }
}

std::unique_ptr<Backend> LocalTier::make_backend(
    const Settings& settings,
    boost::asio::io_context& control,
    const Backend::Tell& tell,
    LoopWatch& watch
) {
    auto remote = std::make_unique<Remote>(settings, control, tell, &watch, workers());
    if (pool_) return remote;
    // The raw pointer is for `wake`. The engine ends before this object, and no call of `wake`
    // comes after it.
    auto own = std::make_unique<Own>(own_plan(settings), control, tell, tell_, settings.log);
    own_ = own.get();
    return std::make_unique<SplitBackend>(first_, std::move(remote), std::move(own));
}

// What the backend needs to know of worker processes. An engine at a URL was not started by skein,
// so it is never replaced (`recycle_after`).
Workers LocalTier::workers() {
    if (!pool_) return {};
    auto& pool = *pool_;
    return {
        .first = first_,
        .activities = pool.activities(),
        .are_ours = plan_.pool.engine != LocalPool::Engine::url,
        .recycle_after = plan_.pool.engine == LocalPool::Engine::url ? 0 : plan_.pool.recycle_after,
        .suspect = [&pool](
                       std::size_t worker, bool has_cuda_error, std::string why
                   ) { pool.suspect(worker, has_cuda_error, std::move(why)); },
        .due = [&pool](std::size_t worker) { pool.due(worker); }};
}

Own::Plan LocalTier::own_plan(const Settings& settings) const {
    Own::Plan own;
    own.first = first_;
    own.factory = plan_.pool.factory;
    for (const auto& place : plan_.places) own.devices.push_back({place.cuda_index, place.device});
    own.name = plan_.pool.name;
    own.recycle_after = plan_.pool.recycle_after;
    own.hedging = settings.hedging;
    own.seed = settings.seed;
    own.expectation = std::make_shared<const Expectation>(settings.expect);
    return own;
}

void LocalTier::wake() {
    if (pool_) pool_->wake();
    if (own_) own_->wake();
}

void LocalTier::close() {
    // Models in this process end with the backend.
    if (pool_) pool_->close();
}

}  // namespace skein
