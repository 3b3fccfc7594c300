// Classifies an error answer: from status, headers and body to a Fault.
#pragma once
#include "dialect/http/error_body.hpp"
#include "dialect/http/wall_time.hpp"
#include "model/headers.hpp"

#include <skein/fault.hpp>
#include <skein/settings.hpp>

#include <string>
#include <string_view>

namespace skein {

// The fault of an answer. The body may make the status more exact: exhausted billing, a context
// that is too long, a model that is loading. For a successful status that holds an error, the body
// alone decides, because servers send `200 OK` and fail later, above all within a stream. The first
// 64 kB of the body count.
Fault fault_of_answer(
    int status,
    const Headers& headers,
    std::string_view body,
    WallTime wall,
    const Endpoint& endpoint
);

// The same for a parsed body.
Fault fault_of_answer(
    int status,
    const Headers& headers,
    const ErrorBody& body,
    WallTime wall,
    const Endpoint& endpoint
);

}  // namespace skein
