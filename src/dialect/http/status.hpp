// What an HTTP status means, where it is not a success.
#pragma once
#include <skein/fault.hpp>

#include <span>
#include <string_view>

namespace skein {

struct StatusRow {
    int status;
    FaultKind kind;
    std::string_view source;  // Who sends it, and for what.
};

// The statuses that mean something else than their hundred.
std::span<const StatusRow> all_statuses();

// The fault of a status. One that has no row: 3xx is a redirect, 4xx a request at fault, 5xx a
// failure of the server, any other no answer of this API.
FaultKind fault_of_status(int status);

}  // namespace skein
