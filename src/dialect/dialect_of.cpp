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

namespace {

// The reason as far as the API of the endpoint is one.
std::optional<std::string> misfit_of_api(const Endpoint& endpoint, const Prepared& request) {
    const auto& dialect = dialect_of(endpoint);
    std::optional<std::string> wrong;
    if (request.native && *request.native != endpoint.api) {
        const std::string spoken{dialect_of(*request.native).name};
        wrong = "this is a request in the form of api: " + spoken + " (" +
                std::string{request.path.view()} +
                "), and the endpoint has api: " + std::string{dialect.name};
    } else if (dialect.max_request > 0 && request.body.size() > dialect.max_request) {
        wrong = std::string{dialect.name} + " takes requests of " +
                std::to_string(dialect.max_request) + " bytes at most, and this one has " +
                std::to_string(request.body.size());
    } else if (dialect.refusal) {
        wrong = dialect.refusal(endpoint, request);
    }
    if (wrong) wrong->insert(0, "endpoint " + endpoint.name + ": ");
    return wrong;
}

}  // namespace

std::optional<std::string> misfit(const Endpoint& endpoint, const Prepared& request) {
    if (auto wrong = misfit(endpoint, request.path.view())) return wrong;
    return misfit_of_api(endpoint, request);
}

bool is_streamed(const Endpoint& endpoint, const Prepared& request) {
    const auto unasked = dialect_of(endpoint).streams_unasked;
    return request.stream || (unasked && unasked(endpoint, request));
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
    const auto look_at = [&](EndpointIndex at) {
        auto wrong = misfit(endpoints[at], request);
        if (!wrong) return;
        if (++count == 1) found.why = std::move(*wrong);
        found.endpoints.add(at);
    };
    // Of a native request every endpoint is looked at, because most have another API.
    if (request.native) {
        for (EndpointIndex at = 0; at < endpoints.size(); ++at) look_at(at);
    } else {
        for (const auto at : choosy) look_at(at);
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
