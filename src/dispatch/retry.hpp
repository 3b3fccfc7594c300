// Is it worth another try, and after what pause? One ordinary function on values.
#pragma once
#include "model/attempt.hpp"

#include <skein/fault.hpp>
#include <skein/settings.hpp>

#include <cstdint>
#include <optional>

namespace skein {

// What a request has behind it.
struct Tries {
    int sent = 0;               // Attempts made, all of them.
    int counted = 0;            // Of these, the ones that used up the attempts it may make.
    bool used_once = false;     // The one more try that some faults allow.
    bool used_at_once = false;  // The one that is made without a pause.
};

struct RetrySettings {
    int attempts = 4;  // For one request, the first included.
    BackoffSettings backoff{};
    Duration longest_park = std::chrono::minutes{15};
    std::uint64_t seed = 0;  // Of the jitter.
};

// The pause before the next try, and `tries` brought up to date; nothing if it is not worth one.
// `tries.sent` already counts the attempt that failed. The pause of a request depends on the seed,
// its number and its tries alone, and not on what others do.
//
//   - No more than `attempts` tries that count, and never more than twice as many in all.
//   - A pause the endpoint asked for is a floor, with up to a tenth more, so that those who were
//     sent away together do not come back together.
std::optional<Duration> pause_before_retry(
    const Fault& fault, Tries& tries, const RetrySettings& settings, Sequence seq
);

// Would it be worth another try, had the endpoint not asked for a longer pause than we agree to?
// Asked after `pause_before_retry` said no.
bool is_parked(const Fault& fault, const Tries& tries, const RetrySettings& settings);

}  // namespace skein
