// The targets of one wire thread: where an attempt goes, and its header lines.
#pragma once
#include "backend/flight.hpp"
#include "model/attempt.hpp"
#include "model/availability.hpp"
#include "wire/target.hpp"

#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// A few targets by endpoint, path and key generation, built when first needed. Loop thread only.
class TargetCache {
public:
    // A connection to the endpoints from `first_one_shot` on serves one request.
    TargetCache(std::size_t endpoints, EndpointIndex first_one_shot)
        : whereabouts_(endpoints), first_one_shot_{first_one_shot} {}

    // An error ends the attempt as `bad_input`. Possible reasons are the path of the row, the
    // address of a local worker and the proxy of the environment.
    Expected<wire::TargetPtr, ConfigError> of(const Attempt& attempt, const Flight::Keyed& keyed);

    // A worker is at this address from now on.
    void move(EndpointIndex endpoint, WorkerAddress where);

private:
    struct Known {
        EndpointIndex endpoint;
        std::string path;
        std::uint64_t generation;
        wire::TargetPtr target;
    };

    Expected<wire::TargetPtr, ConfigError> made(
        Endpoint endpoint, EndpointIndex index, std::string_view path
    ) const;

    std::vector<WorkerAddress> whereabouts_;  // By endpoint; empty: as in the settings.
    const EndpointIndex first_one_shot_;
    std::vector<Known> all_{};  // A few, so that a linear search is fast.
};

}  // namespace skein
