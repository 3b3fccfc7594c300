#include "dispatch/retry.hpp"

#include "base/random.hpp"
#include "limit/backoff.hpp"
#include "limit/retry_quota.hpp"
#include "model/fault_table.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

// What may be tried again whatever its row says, if the server asks for it.
bool may_be_asked_for(const FaultRow& row) {
    return row.origin == Origin::remote && row.effect != Effect::close &&
           row.kind != FaultKind::too_large && row.kind != FaultKind::redirect_refused;
}

Retry retry_of(const Fault& fault) {
    const auto& row = row_of(fault.kind);
    if (row.retry == Retry::elsewhere) return row.retry;
    if (!fault.should_retry) return row.retry;
    if (!*fault.should_retry) return Retry::never;
    return row.retry == Retry::never && may_be_asked_for(row) ? Retry::usual : row.retry;
}

bool has_tries_left(const Tries& tries, int attempts) {
    return tries.sent < 2 * attempts && tries.counted < attempts;
}

bool counts(Retry retry, const Tries& tries, bool was_probe, int attempts) {
    if (was_probe && attempts > 1) return false;
    return retry == Retry::usual || retry == Retry::once || retry == Retry::twice ||
           (retry == Retry::at_once && tries.used_at_once);
}

bool allows(Retry retry, Tries& tries, int attempts) {
    if (!has_tries_left(tries, attempts)) return false;
    switch (retry) {
        case Retry::never:
            return false;
        case Retry::usual:
        case Retry::when_ready:
        case Retry::elsewhere:
            return true;
        case Retry::once:
            return !std::exchange(tries.used_once, true);
        case Retry::twice:
            return tries.used_twice++ < 2;
        case Retry::at_once:
            return true;
    }
    return false;
}

Duration backoff_after(
    const Fault& fault, const Tries& tries, const BackoffSettings& settings, SplitMix& rng
) {
    const auto backoff = row_of(fault.kind).pace == Pace::throttled
                             ? Backoff{settings.throttled_base, settings.throttled_most}
                             : Backoff{settings.base, settings.most};
    return backoff.after(std::max(tries.sent, 1), rng);
}

}  // namespace

std::optional<NextTry> next_try(
    const Fault& fault, Tries& tries, bool was_probe, const RetrySettings& settings, Sequence seq
) {
    const auto retry = retry_of(fault);
    tries.counted += counts(retry, tries, was_probe, settings.attempts);
    if (closes_endpoint(fault)) return NextTry{};
    if (!allows(retry, tries, settings.attempts)) return std::nullopt;
    if (retry == Retry::elsewhere || retry == Retry::twice) return NextTry{};
    if (retry == Retry::at_once && !std::exchange(tries.used_at_once, true)) return NextTry{};

    SplitMix rng{mix(mix(settings.seed, seq), static_cast<std::uint64_t>(tries.sent))};
    const auto pause = backoff_after(fault, tries, settings.backoff, rng);
    return NextTry{pause, retry == Retry::when_ready ? 0 : retry_cost(row_of(fault.kind))};
}

Fault without_anybody(Fault fault, const std::string& why, Duration longest_park) {
    const bool closes = row_of(fault.kind).effect == Effect::close;
    if (!closes && fault.retry_after > longest_park) {
        fault.kind = FaultKind::parked;
    } else if (!closes) {
        fault.kind = FaultKind::no_endpoint;
    }
    fault.detail = "no endpoint is left (" + why + ")";
    return fault;
}

}  // namespace skein
