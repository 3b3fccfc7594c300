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

std::optional<std::string> misfit_of_all(
    const std::vector<Endpoint>& endpoints, const Prepared& request
) {
    std::optional<std::string> first;
    for (const auto& endpoint : endpoints) {
        const auto& dialect = dialect_of(endpoint);
        // Mostly an API takes everything; then no request is looked at.
        auto wrong = dialect.refusal ? misfit(endpoint, request) : std::nullopt;
        if (!wrong) return std::nullopt;
        if (!first) first = std::move(wrong);
    }
    return first;
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
