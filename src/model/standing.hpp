// What becomes of an endpoint that comes and goes, such as a worker on this machine.
#pragma once
#include "model/attempt.hpp"

#include <cstdint>
#include <string>

namespace skein {

enum class Standing : std::uint8_t {
    there,  // It can be asked.
    gone,   // It cannot; it may be there again.
    shut,   // Nor will it be again in this run.
};

// Where it is now. A socket file, or an address that is part of the URL.
struct Whereabouts {
    std::string url{};
    std::string socket{};

    bool operator==(const Whereabouts&) const = default;
};

struct EndpointNews {
    EndpointIndex endpoint = 0;
    Standing standing = Standing::gone;
    std::string why{};    // Of `shut`.
    Whereabouts where{};  // Of `there`.
};

}  // namespace skein
