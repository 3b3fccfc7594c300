#include "limit/recent_count.hpp"

#include <algorithm>
#include <chrono>

namespace skein {

void RecentCount::add(TimePoint now) {
    const auto second = std::max(second_of(now), newest_);
    for (auto passed = std::max(newest_ + 1, second - seconds + 1); passed <= second; ++passed) {
        counts_[place_of(passed)] = 0;
    }
    newest_ = second;
    ++counts_[place_of(second)];
}

std::uint64_t RecentCount::at(TimePoint now) const {
    const auto oldest = std::max(second_of(now), newest_) - seconds + 1;
    std::uint64_t sum = 0;
    for (auto i = std::max(oldest, newest_ - seconds + 1); i <= newest_; ++i) {
        sum += counts_[place_of(i)];
    }
    return sum;
}

TimePoint RecentCount::next_change(TimePoint now) {
    return std::chrono::floor<std::chrono::seconds>(now) + std::chrono::seconds{1};
}

std::int64_t RecentCount::second_of(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::size_t RecentCount::place_of(std::int64_t second) {
    return static_cast<std::size_t>(((second % seconds) + seconds) % seconds);
}

}  // namespace skein
