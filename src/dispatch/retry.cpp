#include "dispatch/retry.hpp"

#include "base/random.hpp"
#include "limit/backoff.hpp"
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
    if (!fault.should_retry) return row.retry;
    if (!*fault.should_retry) return Retry::never;
    return row.retry == Retry::never && may_be_asked_for(row) ? Retry::usual : row.retry;
}

bool has_tries_left(const Tries& tries, int attempts) {
    return tries.sent < 2 * attempts && tries.counted < attempts;
}

bool allows(Retry retry, Tries& tries, int attempts) {
    const bool counts = retry == Retry::usual || retry == Retry::once ||
                        (retry == Retry::at_once && tries.used_at_once);
    tries.counted += counts;
    if (!has_tries_left(tries, attempts)) return false;
    switch (retry) {
        case Retry::never:
            return false;
        case Retry::usual:
        case Retry::when_ready:
            return true;
        case Retry::once:
            return !std::exchange(tries.used_once, true);
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

std::optional<Duration> pause_before_retry(
    const Fault& fault, Tries& tries, const RetrySettings& settings, Sequence seq
) {
    const auto retry = retry_of(fault);
    if (!allows(retry, tries, settings.attempts)) return std::nullopt;
    if (fault.retry_after && *fault.retry_after > settings.longest_park) return std::nullopt;
    if (retry == Retry::at_once && !std::exchange(tries.used_at_once, true))
        return Duration::zero();

    SplitMix rng{mix(mix(settings.seed, seq), static_cast<std::uint64_t>(tries.sent))};
    const auto pause = backoff_after(fault, tries, settings.backoff, rng);
    if (!fault.retry_after) return pause;
    const auto tenth = static_cast<double>(fault.retry_after->count()) * 0.1;
    const auto floor =
        *fault.retry_after + Duration{static_cast<Duration::rep>(tenth * rng.unit())};
    return std::max(pause, floor);
}

bool is_parked(const Fault& fault, const Tries& tries, const RetrySettings& settings) {
    return retry_of(fault) != Retry::never && has_tries_left(tries, settings.attempts) &&
           fault.retry_after > settings.longest_park;
}

}  // namespace skein
