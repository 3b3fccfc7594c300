#include "measure/peak_ewma.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace skein {
namespace {

constexpr std::chrono::duration<double> decay = std::chrono::seconds{10};
constexpr double unknown = 1e9;  // Seconds: larger than any measured mean.

}  // namespace

void PeakEwma::began(TimePoint now, Duration first_byte) {
    const double seconds = std::max(0.0, std::chrono::duration<double>{first_byte}.count());
    // The first answer is the mean; there is no older one to keep.
    const double kept = is_known_ ? kept_after(now - told_at_) : 0;
    seconds_ = std::max(seconds, seconds_ * kept + seconds * (1 - kept));
    is_known_ = true;
    told_at_ = now;
}

double PeakEwma::load(TimePoint now, std::size_t waiting, double weight) const {
    SKEIN_ASSERT(weight > 0);
    const auto more = static_cast<double>(waiting);
    // One attempt finds out how fast the endpoint is. A second one at once would be a guess.
    if (!is_known_) return waiting == 0 ? 0 : unknown * (more + 1) / weight;
    // While an attempt waits, the mean does not decay: the answer is on its way.
    const double seconds = waiting == 0 ? seconds_ * kept_after(now - told_at_) : seconds_;
    return seconds * (more + 1) / weight;
}

double PeakEwma::kept_after(Duration age) const {
    return std::exp(-std::max(0.0, std::chrono::duration<double>{age} / decay));
}

}  // namespace skein
