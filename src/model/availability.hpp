// Availability of an endpoint that can start and stop, such as a worker on this machine.
#pragma once
#include "model/attempt.hpp"

#include <cstdint>
#include <string>

namespace skein {

enum class Availability : std::uint8_t {
    there,  // Ready for requests.
    gone,   // Not ready now; it may return.
    shut,   // Not ready for the rest of this run.
};

// The present address of a worker: a unix socket file, or a host and port within the URL.
struct WorkerAddress {
    std::string url{};
    std::string socket{};

    bool operator==(const WorkerAddress&) const = default;
};

struct EndpointUpdate {
    EndpointIndex endpoint = 0;
    Availability availability = Availability::gone;
    std::string why{};      // The reason for `shut`.
    WorkerAddress where{};  // The address for `there`.
};

}  // namespace skein
