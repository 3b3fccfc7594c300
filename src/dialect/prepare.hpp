// From what the caller asks to what can be sent to any endpoint.
#pragma once
#include "model/prepared.hpp"

#include <skein/error.hpp>
#include <skein/request.hpp>

namespace skein {

// Makes the members of the body, without `model`, on one line. Those of `Request::body` are taken
// over byte for byte. A streamed request asks for its count of tokens, unless it says otherwise.
//
// The fault, `bad_input`, says what is wrong and what is allowed.
Expected<Prepared, Fault> prepare(const Request& request);

}  // namespace skein
