// Retry policy: from a fault, the tries so far and the evidence of other requests to the next
// attempt. Pure: the jitter comes from the seed, the request's number and its tries, so that equal
// arguments give equal results. Callable on any thread.
#include "dispatch/retry.hpp"

#include "base/random.hpp"
#include "limit/backoff.hpp"
#include "limit/retry_quota.hpp"
#include "model/fault_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace skein {
namespace {

constexpr double no_chance = 1e-6;
constexpr int taken_at_its_word = 4;  // Retry-Afters in a row that replace our own backoff.
constexpr int of_base = 5;  // While other requests are served, the pause is a fifth of the base.

// Faults that are retried against their row of the table if the server asks for it.
bool may_be_asked_for(const FaultRow& row) {
    return row.origin == Origin::remote && row.effect != Effect::close &&
           row.kind != FaultKind::too_large && row.kind != FaultKind::redirect_refused;
}

Retry retry_of(const Fault& fault) {
    const auto& row = row_of(fault.kind);
    if (row.retry == Retry::elsewhere || row.retry == Retry::renewed) return row.retry;
    if (fault.should_retry == false) return Retry::never;
    if (row.retry == Retry::never) {
        return fault.should_retry == true && may_be_asked_for(row) ? Retry::usual : Retry::never;
    }
    // An answer with a Retry-After means "later", whatever its status, so the attempt does not
    // count.
    return row.retry == Retry::usual && fault.retry_after ? Retry::patient : row.retry;
}

// Was the attempt in vain, so that it does not count?
bool is_in_vain(Retry retry, bool was_sent) {
    return retry == Retry::patient || retry == Retry::renewed || retry == Retry::elsewhere ||
           !was_sent;
}

// Does a sent attempt not count? The death of a worker does not, because other requests that ran
// beside this one may have caused it; the third death ends the request (`is_worth_it`).
bool is_free(Retry retry, const Tries& tries) {
    return retry == Retry::twice || (retry == Retry::at_once && !tries.used_at_once);
}

bool is_worth_it(Retry retry, Tries& tries, const Witnesses& others, int attempts) {
    if (retry == Retry::never || retry == Retry::ask_again) return false;
    if (tries.counted >= attempts) return false;
    if (tries.in_vain >= attempts && is_at_fault(tries.in_vain, others)) return false;
    return retry != Retry::twice || tries.used_twice++ < 2;
}

Duration pause_before(
    const Failure& failure, const Tries& tries, const RetrySettings& settings, Sequence seq
) {
    SplitMix rng{mix(mix(settings.seed, seq), static_cast<std::uint64_t>(tries.sent))};
    const auto& backoff = settings.backoff;
    const bool is_throttled = row_of(failure.fault.kind).pace == Pace::throttled;
    // Attempts in vain may be many, so their pause grows while no request is served.
    const auto& others = failure.others;
    if (others.are_served && (tries.in_vain == 0 || others.are_served_now)) {
        const auto max = is_throttled ? backoff.base : backoff.base / of_base;
        return Backoff{max, max}.after(1, rng);
    }
    const auto grows = is_throttled ? Backoff{backoff.throttled_base, backoff.throttled_max}
                                    : Backoff{backoff.base, backoff.max};
    return grows.after(std::max(tries.sent, 1), rng);
}

}  // namespace

std::optional<NextTry> next_try(
    const Failure& failure, Tries& tries, const RetrySettings& settings, Sequence seq
) {
    const auto& fault = failure.fault;
    // Free and without a pause. This cannot repeat for ever, because a closed endpoint gets no
    // further attempt.
    if (closes_endpoint(fault)) return NextTry{};
    const auto retry = retry_of(fault);
    if (is_in_vain(retry, failure.was_sent)) {
        ++tries.in_vain;
    } else if (!is_free(retry, tries)) {
        ++tries.counted;
    }
    if (!is_worth_it(retry, tries, failure.others, settings.attempts)) return std::nullopt;
    if (retry == Retry::elsewhere || retry == Retry::renewed) return NextTry{};
    if (retry == Retry::twice) return NextTry{.alone = tries.used_twice == 2};
    const bool had_died = retry == Retry::at_once;
    if (retry == Retry::at_once && !std::exchange(tries.used_at_once, true)) {
        return NextTry{.on_new_connection = had_died};
    }
    const auto& row = row_of(fault.kind);
    const int cost = row.kind == FaultKind::not_ready ? 0 : retry_cost(row);
    // A worker is cleared for this request, so it must not wait for quota that other requests earn.
    const bool is_alone = tries.used_twice == 2;
    // The limits of the endpoint keep its Retry-After, so the request needs no pause of its own. It
    // takes one after four, because a server may name a millisecond again and again.
    const bool is_named =
        fault.retry_after && (tries.in_vain <= taken_at_its_word || failure.others.are_served_now);
    return NextTry{
        .pause = is_named ? Duration::zero() : pause_before(failure, tries, settings, seq),
        .cost = is_alone ? 0 : cost,
        .alone = is_alone,
        .on_new_connection = had_died};
}

bool is_in_vain(const Fault& fault, bool was_sent) { return is_in_vain(retry_of(fault), was_sent); }

bool is_at_fault(int times_in_vain, const Witnesses& others) {
    if (!others.are_served_now || others.in_vain >= others.asked) return false;
    // Laplace's rule of succession, so that a few witnesses do not give a share of 0 or 1.
    const double share =
        static_cast<double>(others.in_vain + 1) / static_cast<double>(others.asked + 2);
    return times_in_vain * std::log(share) <= std::log(no_chance);
}

Fault without_anybody(Fault fault, const std::string& why, Duration max_retry_after) {
    const bool closes = row_of(fault.kind).effect == Effect::close;
    if (!closes && fault.retry_after > max_retry_after) {
        fault.kind = FaultKind::parked;
    } else if (!closes) {
        fault.kind = FaultKind::no_endpoint;
    }
    fault.detail = "no endpoint is left (" + why + ")";
    return fault;
}

Fault stopped_fault(FaultKind why, const std::string& last_fault) {
    std::string detail = why == FaultKind::deadline ? "its deadline passed" : "cancelled";
    if (!last_fault.empty()) detail += "; the try before: " + last_fault;
    return Fault{.kind = why, .detail = std::move(detail)};
}

}  // namespace skein
