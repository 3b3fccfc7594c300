// Retry policy: is another attempt worth it, and after which backoff? Pure functions on values.
#pragma once
#include "model/attempt.hpp"

#include <skein/fault.hpp>
#include <skein/settings.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace skein {

// Attempts of one request so far.
struct Tries {
    int sent = 0;               // All attempts.
    int counted = 0;            // Attempts that count against `RetrySettings::attempts`.
    int in_vain = 0;            // Attempts that do not count: told to wait, or never sent.
    bool used_at_once = false;  // The one retry without a pause has been made.
    int used_twice = 0;         // Retries made of the two that a worker's death allows.
};

struct RetrySettings {
    int attempts = 4;  // Attempts of one request, the first included.
    BackoffSettings backoff{};
    std::uint64_t seed = 0;  // Seed of the jitter.
};

// Evidence from other requests since this request first failed.
struct Witnesses {
    std::uint64_t asked = 0;    // First attempts of other requests that have ended.
    std::uint64_t in_vain = 0;  // Of these: told to wait, or never sent.
    // An attempt that began after this request's first failure has been answered.
    bool are_served = false;
    // And an attempt has been answered since this request's last failure.
    bool are_served_now = false;
};

// A failed attempt, with the evidence about it.
struct Failure {
    const Fault& fault;
    bool was_sent = true;
    Witnesses others{};
};

struct NextTry {
    Duration pause{};
    int cost = 0;        // Taken from the retry quota of the endpoint that serves it.
    bool alone = false;  // No other request may run beside it on a local worker.
    bool on_new_connection = false;
};

// The next attempt, or nothing if a retry is not worth it. Updates `tries`; `tries.sent` already
// counts the attempt that failed. The pause depends only on the seed, the request's number, its
// tries, and on whether other requests are served meanwhile.
//
//   - At most `attempts` attempts count. An attempt does not count if it was never sent, if it was
//     told to wait (429, loading, Retry-After), or if its endpoint was closed.
//   - An attempt that does not count is repeated until the request's time is over
//     (`timeouts.request`), or until other requests show that this request is at fault: see
//     `is_at_fault`.
//   - Exponential backoff with full jitter is for outages. While other requests are served, the
//     pause is short and does not grow, because the next attempt succeeds as likely now as later.
//   - A Retry-After binds the endpoint, not the request, which may go to another endpoint.
std::optional<NextTry> next_try(
    const Failure& failure, Tries& tries, const RetrySettings& settings, Sequence seq
);

// Was the attempt in vain: told to wait or never sent, so that it does not count?
bool is_in_vain(const Fault& fault, bool was_sent);

// Is the request itself at fault for n attempts in vain, while others were served? The chance of
// that is p^n, where p is the share of other requests with the same result. The answer is yes below
// one in a million.
bool is_at_fault(int times_in_vain, const Witnesses& others);

// Final fault of a request that deserves a retry, when no endpoint is left to make it.
Fault without_anybody(Fault fault, const std::string& why, Duration max_retry_after);

// Final fault of a request that was told to stop: `cancelled` or `deadline`.
Fault stopped_fault(FaultKind why, const std::string& last_fault);

}  // namespace skein
