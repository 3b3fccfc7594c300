// What a server said of its rate limits in the head of an answer.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <optional>

namespace skein {

// How what was used comes back: little by little, or all of it at the reset.
enum class Refill : std::uint8_t { evenly, at_once };

struct BucketNews {
    std::optional<double> limit{};
    std::optional<double> remaining{};
    std::optional<Duration> reset{};  // From the answer on, until all of it is there again.
    Refill refill = Refill::at_once;

    bool operator==(const BucketNews&) const = default;
};

struct RateNews {
    BucketNews requests{};
    BucketNews tokens{};

    bool operator==(const RateNews&) const = default;
};

}  // namespace skein
