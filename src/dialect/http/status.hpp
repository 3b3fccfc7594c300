// Maps HTTP error statuses to fault kinds.
#pragma once
#include <skein/fault.hpp>

#include <span>
#include <string_view>

namespace skein {

struct StatusRow {
    int status;
    FaultKind kind;
    std::string_view source;  // The servers that send it, and the reason.
};

// The statuses whose fault differs from the default of their class, or that have a known source.
std::span<const StatusRow> all_statuses();

// The fault of a status. Without a row in the table: 3xx is a redirect, 4xx a rejected request, 5xx
// a server error, and any other status is not an answer of this API.
FaultKind fault_of_status(int status);

}  // namespace skein
