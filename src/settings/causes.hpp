// The faults after which a request may go on to another endpoint (`Endpoint::on`).
#pragma once
#include <skein/fault.hpp>

#include <string>

namespace skein::config {

// A fault of the request at this endpoint: another endpoint may serve it, and another try here
// would not.
bool may_be_cause(FaultKind kind);

// All of them, for messages: `context_exceeded, filtered, …`.
std::string causes_text();

}  // namespace skein::config
