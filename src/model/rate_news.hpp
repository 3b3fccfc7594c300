// The rate limits that a server reported in the headers of an answer.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <optional>

namespace skein {

// How a bucket refills: evenly over time (token bucket), or all at the reset (fixed window).
enum class Refill : std::uint8_t { evenly, at_once };

struct BucketNews {
    std::optional<double> limit{};
    std::optional<double> remaining{};
    std::optional<Duration> reset{};  // From the answer until the bucket is full again.
    Refill refill = Refill::at_once;

    bool operator==(const BucketNews&) const = default;
};

struct RateNews {
    BucketNews requests{};
    BucketNews tokens{};
    BucketNews input_tokens{};  // Of prompts, where the server limits them apart.
    BucketNews output_tokens{};

    bool operator==(const RateNews&) const = default;
};

}  // namespace skein
