#pragma once
#include <skein/fault.hpp>
#include <skein/settings.hpp>

#include <string>

namespace skein {

// Where the environment names a proxy for this endpoint that is not asked, says so; else empty.
std::string proxy_hint(const Endpoint& endpoint);

// Which setting may help against a connection that failed; empty: none that is known. Names a proxy
// in the environment that is not asked, and the setting for certificates.
std::string reaching_hint(const Fault& fault, const Endpoint& endpoint);

}  // namespace skein
