// The body of a request for a server that differs from OpenAI's API.
#pragma once
#include "model/operation.hpp"

#include <skein/settings.hpp>

#include <string>

namespace skein {

// The body as the endpoint's `compat` words say: members have other names, or are left out. A
// body of an operation that skein does not know is unchanged.
std::string compatible_body(const Endpoint& endpoint, Operation operation, std::string body);

}  // namespace skein
