#include "limit/retry_share.hpp"

namespace skein {
namespace {

constexpr std::uint64_t always = 100;  // Ten a second, as Finagle has it.
constexpr std::uint64_t one_in = 5;

}  // namespace

// Both counts only get smaller with time, so each change is looked at. There are at most ten of
// them until both are zero.
TimePoint RetryShare::ready_at(TimePoint now) const {
    auto when = now;
    while (!allows(when)) when = RecentCount::next_change(when);
    return when;
}

bool RetryShare::allows(TimePoint now) const {
    return retried_.at(now) < always + asked_.at(now) / one_in;
}

}  // namespace skein
