// Is it worth another try, and after what pause? One ordinary function on values.
#pragma once
#include "model/attempt.hpp"

#include <skein/fault.hpp>
#include <skein/settings.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace skein {

// What a request has behind it.
struct Tries {
    int sent = 0;               // Attempts made, all of them.
    int counted = 0;            // Of these, the ones that used up the attempts it may make.
    bool used_once = false;     // The one more try that some faults allow.
    bool used_at_once = false;  // The one that is made without a pause.
    int used_twice = 0;         // Of the two more that some faults allow.
};

struct RetrySettings {
    int attempts = 4;  // For one request, the first included.
    BackoffSettings backoff{};
    std::uint64_t seed = 0;  // Of the jitter.
};

struct NextTry {
    Duration pause{};
    int cost = 0;  // What it takes from the retry quota of whoever serves it.
};

// The next try, and `tries` brought up to date; nothing if it is not worth one. `tries.sent`
// already counts the attempt that failed. The pause of a request depends on the seed, its number
// and its tries alone, and not on what others do.
//
//   - No more than `attempts` tries that count, and never more than twice as many in all, but for
//     those that end with the endpoint being closed, of which there are no more than endpoints.
//   - A probe that fails does not count: the request was lent to find out about the endpoint. It
//     does where there is to be one attempt only.
//   - A pause that the endpoint asked for is not the request's: it may go elsewhere.
std::optional<NextTry> next_try(
    const Fault& fault, Tries& tries, bool was_probe, const RetrySettings& settings, Sequence seq
);

// What becomes of a fault that is worth another try, where there is nobody left to make it.
Fault without_anybody(Fault fault, const std::string& why, Duration longest_park);

}  // namespace skein
