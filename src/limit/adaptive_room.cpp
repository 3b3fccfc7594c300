#include "limit/adaptive_room.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr Duration between_cuts = std::chrono::seconds{5};

}  // namespace

AdaptiveRoom::AdaptiveRoom(std::size_t most) : most_{most}, places_{most} {
    SKEIN_ASSERT(most > 0);
}

void AdaptiveRoom::went_well(std::size_t taken) {
    if (places_ == most_ || taken * 2 < places_ || ++well_ < places_) return;
    well_ = 0;
    places_ = std::min(after_a_good_round(), most_);
}

void AdaptiveRoom::pushed_back(TimePoint now) {
    if (now < deaf_until_) return;
    deaf_until_ = now + between_cuts;
    places_ = std::max<std::size_t>(1, places_ * 7 / 10);
    slow_until_ = 0;
    well_ = 0;
}

void AdaptiveRoom::start_slowly() {
    slow_until_ = std::max(slow_until_, places_);
    places_ = 1;
    well_ = 0;
}

std::size_t AdaptiveRoom::after_a_good_round() const {
    return places_ < slow_until_ ? std::min(places_ * 2, slow_until_) : places_ + 1;
}

}  // namespace skein
