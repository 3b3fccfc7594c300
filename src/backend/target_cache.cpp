#include "backend/target_cache.hpp"

#include "dialect/dialects.hpp"
#include "settings/proxy.hpp"

#include <utility>

namespace skein {
namespace {

// Bounded, because every row may name a path of its own.
constexpr std::size_t max_targets = 64;

std::vector<std::string> header_lines(const Endpoint& endpoint) {
    HeaderLines lines{endpoint};
    dialect_of(endpoint).sign(lines, endpoint);
    return lines.take();
}

}  // namespace

Expected<wire::TargetPtr, ConfigError> TargetCache::of(
    const Attempt& attempt, const Flight::Keyed& keyed
) {
    const auto index = attempt.endpoint;
    const auto& dialect = dialect_of(*keyed.endpoint);
    std::string made_path;
    const auto path = dialect.path(*keyed.endpoint, *attempt.request, made_path);
    for (const auto& known : all_) {
        const bool is_same = known.endpoint == index && known.path == path;
        if (is_same && known.generation == keyed.generation) return known.target;
    }
    auto target = made(*keyed.endpoint, index, path);
    if (!target) return target;
    std::erase_if(all_, [&](const Known& known) {  // Targets with an older key.
        return known.endpoint == index && known.generation < keyed.generation;
    });
    if (all_.size() == max_targets) all_.erase(all_.begin());  // The oldest.
    all_.push_back({index, std::string{path}, keyed.generation, *target});
    return target;
}

// Cached targets of the endpoint have its old address.
void TargetCache::move(EndpointIndex endpoint, WorkerAddress where) {
    whereabouts_[endpoint] = std::move(where);
    std::erase_if(all_, [&](const Known& known) { return known.endpoint == endpoint; });
}

Expected<wire::TargetPtr, ConfigError> TargetCache::made(
    Endpoint endpoint, EndpointIndex index, std::string_view path
) const {
    const auto& where = whereabouts_[index];
    if (!where.url.empty()) endpoint.url = where.url;
    if (auto wrong = misfit(endpoint, path)) return ConfigError{"", *wrong};
    auto proxy = config::proxy_for(endpoint, config::from_environment);
    if (!proxy) return proxy.error();
    auto address = address_for(endpoint, path);
    return wire::make_target(
        {.url = std::move(address.url),
         .ca_file = endpoint.ca_file,
         .socket = where.socket.empty() ? address.socket : where.socket,
         .client_cert = endpoint.client_cert,
         .client_key = endpoint.client_key,
         .proxy = std::move(proxy->url),
         .proxy_login = std::move(proxy->login),
         .one_shot = index >= first_one_shot_},
        header_lines(endpoint)
    );
}

}  // namespace skein
