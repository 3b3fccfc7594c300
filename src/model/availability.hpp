// What becomes of an endpoint that comes and goes, such as a worker on this machine.
#pragma once
#include "model/attempt.hpp"

#include <cstdint>
#include <string>

namespace skein {

enum class Availability : std::uint8_t {
    there,  // It can be asked.
    gone,   // It cannot; it may be there again.
    shut,   // Nor will it be again in this run.
};

// Where it is now. A socket file, or an address that is part of the URL.
struct WorkerAddress {
    std::string url{};
    std::string socket{};

    bool operator==(const WorkerAddress&) const = default;
};

struct EndpointUpdate {
    EndpointIndex endpoint = 0;
    Availability availability = Availability::gone;
    std::string why{};      // Of `shut`.
    WorkerAddress where{};  // Of `there`.
};

}  // namespace skein
