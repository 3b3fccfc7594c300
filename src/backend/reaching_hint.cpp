#include "backend/reaching_hint.hpp"

#include "settings/proxy.hpp"

namespace skein {
namespace {

bool is_about_connecting(FaultKind kind) {
    switch (kind) {
        case FaultKind::connect:
        case FaultKind::unknown_host:
        case FaultKind::timeout_connect:
        case FaultKind::tls_handshake:
        case FaultKind::tls_trust:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::string proxy_hint(const Endpoint& endpoint) {
    if (!endpoint.proxy.empty()) return {};
    const auto variable = config::proxy_variable_for(endpoint.url, config::from_environment);
    if (variable.empty()) return {};
    return variable +
           " in the environment names a proxy, which is not asked; `proxy: environment` asks it";
}

std::string reaching_hint(const Fault& fault, const Endpoint& endpoint) {
    if (!is_about_connecting(fault.kind)) return {};
    auto hint = proxy_hint(endpoint);
    if (fault.kind != FaultKind::tls_trust) return hint;
    if (!hint.empty()) hint += "; ";
    return hint + (endpoint.ca_file.empty()
                       ? "ca_file: names a file of certificates to trust"
                       : "ca_file is " + endpoint.ca_file + ": is it of this server?");
}

}  // namespace skein
