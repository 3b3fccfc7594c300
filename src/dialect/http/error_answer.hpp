// From an answer that went wrong to the fault it is.
#pragma once
#include "dialect/http/error_body.hpp"
#include "dialect/http/wall_time.hpp"
#include "model/headers.hpp"

#include <skein/fault.hpp>
#include <skein/settings.hpp>

#include <string>
#include <string_view>

namespace skein {

// The fault that status, header lines and body say together. The body may make of a status
// something more exact (billing, a context too long, a model that loads), and of a success that
// holds an error what it says it is: servers send `200 OK` and then fail, within a stream above
// all. The first 64 kB of the body count.
Fault fault_of_answer(
    int status,
    const Headers& headers,
    std::string_view body,
    WallTime wall,
    const Endpoint& endpoint
);

// The same, where the body has been read.
Fault fault_of_answer(
    int status,
    const Headers& headers,
    const ErrorBody& body,
    WallTime wall,
    const Endpoint& endpoint
);

}  // namespace skein
