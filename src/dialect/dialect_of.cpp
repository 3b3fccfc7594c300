#include "base/assert.hpp"
#include "dialect/dialects.hpp"

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

std::string shown_address(const Endpoint& endpoint, const Prepared& request) {
    std::string made;
    return shown_address(endpoint, dialect_of(endpoint).path(endpoint, request, made));
}

std::string body_at(const Endpoint& endpoint, const Prepared& request) {
    auto body = dialect_of(endpoint).body(endpoint, request, 0);
    return body ? std::move(*body) : request.body;
}

}  // namespace skein
