#include "base/assert.hpp"
#include "dialect/dialects.hpp"
#include "dialect/request/body.hpp"

#include <algorithm>

namespace skein {

const Dialect& dialect_of(Api api) {
    const auto all = dialects();
    const auto at = std::ranges::find(all, api, &Dialect::api);
    SKEIN_ASSERT(at != all.end());
    return **at;
}

std::optional<std::string> misfit(const Endpoint& endpoint, const Prepared& request) {
    if (auto wrong = misfit(endpoint, request.path.view())) return wrong;
    const auto& dialect = dialect_of(endpoint);
    auto wrong = dialect.refusal ? dialect.refusal(endpoint, request) : std::nullopt;
    if (wrong) wrong->insert(0, "endpoint " + endpoint.name + ": ");
    return wrong;
}

std::vector<EndpointIndex> choosy_endpoints(const std::vector<Endpoint>& endpoints) {
    std::vector<EndpointIndex> choosy;
    for (EndpointIndex i = 0; i < endpoints.size(); ++i) {
        if (dialect_of(endpoints[i]).refusal) choosy.push_back(i);
    }
    return choosy;
}

Misfits misfits(
    const std::vector<Endpoint>& endpoints,
    std::span<const EndpointIndex> choosy,
    const Prepared& request
) {
    Misfits found;
    std::size_t count = 0;
    for (const auto at : choosy) {
        auto wrong = misfit(endpoints[at], request);
        if (!wrong) continue;
        if (++count == 1) found.why = std::move(*wrong);
        found.endpoints.add(at);
    }
    found.are_all = count > 0 && count == endpoints.size();
    return found;
}

std::string shown_address(const Endpoint& endpoint, const Prepared& request) {
    std::string made;
    return shown_address(endpoint, dialect_of(endpoint).path(endpoint, request, made));
}

std::optional<std::string> own_body(
    const Endpoint& endpoint, const Prepared& request, AddedMembers without
) {
    auto body = dialect_of(endpoint).body(endpoint, request, without);
    if (endpoint.extra.empty()) return body;
    return with_members(body ? *body : request.body, endpoint.extra);
}

std::string body_at(const Endpoint& endpoint, const Prepared& request) {
    auto body = own_body(endpoint, request);
    return body ? std::move(*body) : request.body;
}

}  // namespace skein
