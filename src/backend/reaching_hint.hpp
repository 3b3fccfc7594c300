#pragma once
#include <skein/fault.hpp>
#include <skein/settings.hpp>

#include <string>

namespace skein {

// A hint if the environment names a proxy for this endpoint that skein does not use; else empty.
std::string proxy_hint(const Endpoint& endpoint);

// A hint which setting may repair a failed connection: an unused proxy of the environment, or the
// setting for certificates. Empty if none is known.
std::string reaching_hint(const Fault& fault, const Endpoint& endpoint);

}  // namespace skein
