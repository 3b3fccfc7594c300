#include "client/local_tier.hpp"

#include "worker/preset.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

int last_tier(const Settings& settings) {
    int tier = -1;
    for (const auto& endpoint : settings.endpoints) tier = std::max(tier, endpoint.tier);
    return tier + 1;
}

void add_endpoints(Settings& settings, const local::Plan& plan, const Secret& token) {
    const auto& pool = plan.pool;
    const auto tier = last_tier(settings);
    for (std::size_t i = 0; i < plan.places.size(); ++i) {
        Endpoint endpoint;
        endpoint.name = worker_name(pool, i);
        endpoint.url = "http://localhost/v1";  // Until it says where it is.
        endpoint.model = worker::model_name(pool);
        endpoint.api_key = token;
        endpoint.tier = tier;
        endpoint.in_flight = pool.in_flight_per_worker;
        settings.endpoints.push_back(std::move(endpoint));
    }
}

}  // namespace

std::string worker_name(const LocalPool& pool, std::size_t number) {
    return pool.name + "-" + std::to_string(number);
}

Expected<LocalPlan, ConfigError> plan_of_local(const Settings& settings) {
    if (!settings.local) return LocalPlan{};
    auto plan = local::plan_pool(*settings.local);
    if (plan) return LocalPlan{.pool = std::move(*plan)};
    if (settings.local->required || settings.endpoints.empty()) return plan.error();
    return LocalPlan{.why_none = plan.error().text()};
}

Expected<std::unique_ptr<LocalTier>, ConfigError> LocalTier::open(
    const local::Plan& plan, Settings& settings, Tell tell
) {
    const auto first = settings.endpoints.size();
    auto tier = std::unique_ptr<LocalTier>{new LocalTier{first}};
    tier->are_ours_ = settings.local->engine != LocalPool::Engine::url;
    tier->recycle_after_ = settings.local->recycle_after;
    auto pool = local::Pool::open(
        plan,
        [first, tell = std::move(tell)](
            std::size_t worker, Standing standing, std::string why, Whereabouts where
        ) {
            tell({first + worker, standing, std::move(why), std::move(where)});
        },
        settings.log,
        settings.seed
    );
    if (!pool) return pool.error();
    tier->pool_ = std::move(*pool);
    add_endpoints(settings, plan, Secret{tier->pool_->token()});
    return tier;
}

Workers LocalTier::workers() {
    auto& pool = *pool_;
    return {
        .first = first_,
        .pulses = pool.pulses(),
        .are_ours = are_ours_,
        .recycle_after = recycle_after_,
        .suspect = [&pool](
                       std::size_t worker, bool has_cuda_error, std::string why
                   ) { pool.suspect(worker, has_cuda_error, std::move(why)); },
        .due = [&pool](std::size_t worker) { pool.due(worker); }};
}

}  // namespace skein
