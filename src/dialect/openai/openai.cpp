#include "dialect/openai/openai.hpp"

#include "dialect/request/body.hpp"

namespace skein {
namespace {

std::string_view path(const Endpoint&, const Prepared& request, std::string&) {
    return request.path.view();
}

void sign(HeaderLines& lines, const Endpoint& endpoint) {
    if (endpoint.api_key.empty()) return;
    lines.add("Authorization", "Bearer " + std::string{endpoint.api_key.reveal()});
}

std::optional<std::string> body(
    const Endpoint& endpoint, const Prepared& request, AddedMembers without
) {
    const bool is_whole = (without & request.added) == 0;
    if (is_whole && is_ready_for(endpoint, request)) return std::nullopt;
    return body_for(endpoint, request, without);
}

}  // namespace

const Dialect openai{
    .api = Api::openai,
    .name = "openai",
    .path = path,
    .sign = sign,
    .body = body,
};

}  // namespace skein
