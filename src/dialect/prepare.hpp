// From what the caller asks to what can be sent to any endpoint.
#pragma once
#include "model/prepared.hpp"

#include <skein/error.hpp>
#include <skein/request.hpp>

#include <string>

namespace skein {

// Makes the members of the body, without `model`. Those of `Request::body` are taken over byte for
// byte. A streamed request asks for its count of tokens, unless it says otherwise.
//
// The fault, `bad_input`, says what is wrong and what is allowed.
Expected<Prepared, Fault> prepare(const Request& request);

// The same request with other members, which differ in nothing but texts.
Prepared prepared_like(const Prepared& pattern, std::string members);

}  // namespace skein
