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
    int in_vain = 0;            // Of these, the ones that did not: told to wait, or never left.
    bool used_at_once = false;  // The one that is made without a pause.
    int used_twice = 0;         // Of the two more that some faults allow.
};

struct RetrySettings {
    int attempts = 4;  // For one request, the first included.
    BackoffSettings backoff{};
    std::uint64_t seed = 0;  // Of the jitter.
};

// What became of other requests since this one failed for the first time: the witnesses.
struct Witnesses {
    std::uint64_t asked = 0;    // First tries of others that have ended,
    std::uint64_t in_vain = 0;  // and of these, told to wait or never left.
    // Has an attempt been answered that began after the first failure of this request? And has any
    // been answered since its last one?
    bool are_served = false;
    bool are_served_now = false;
};

// How an attempt failed.
struct Failure {
    const Fault& fault;
    bool was_sent = true;
    Witnesses others{};
};

struct NextTry {
    Duration pause{};
    int cost = 0;        // What it takes from the retry quota of the endpoint that serves it.
    bool alone = false;  // Nothing else may run beside it on a worker of this machine.
    bool on_new_connection = false;
};

// The next try, and `tries` brought up to date; nothing if it is not worth one. `tries.sent`
// already counts the attempt that failed. The pause of a request depends on the seed, its number,
// its tries, and on whether others are served meanwhile.
//
//   - No more than `attempts` tries that count. An attempt does not count that never left, that was
//     told to wait (429, loading, Retry-After), or that ended with its endpoint being closed.
//   - What does not count is tried again until the request's time is over (`timeouts.request`); but
//     no longer than others are served to whom the same would have happened by chance: see
//     `is_at_fault`.
//   - Backoff, exponential with full jitter, is for outages. While others are served it does not
//     grow, and is short: the next try is as likely to go well now as later.
//   - A pause that the endpoint asked for is not the request's, which may go elsewhere.
std::optional<NextTry> next_try(
    const Failure& failure, Tries& tries, const RetrySettings& settings, Sequence seq
);

// Does an attempt that failed like this use up none of those that its request may make?
bool is_in_vain(const Fault& fault, bool was_sent);

// Is it the request's own fault that it was told to wait (or never left) so many times in a row,
// while others were served? p^n is the chance of that, where p is the share of others that had the
// same answer: below one in a million it is no chance.
bool is_at_fault(int times_in_vain, const Witnesses& others);

// What becomes of a fault that is worth another try, where no endpoint is left to make it.
Fault without_anybody(Fault fault, const std::string& why, Duration longest_park);

// What becomes of a request that was told to stop: `cancelled`, or `deadline`.
Fault stopped_fault(FaultKind why, const std::string& last_fault);

}  // namespace skein
