#include "settings/duration.hpp"

#include "settings/number.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace skein::config {
namespace {

// The unit is mandatory: `timeout: 30` could be seconds or milliseconds.
std::optional<std::uint64_t> nanoseconds_of(std::string_view unit) {
    constexpr std::pair<std::string_view, std::uint64_t> units[] = {
        {"us", 1'000},
        {"ms", 1'000'000},
        {"s", 1'000'000'000},
        {"m", 60'000'000'000},
        {"h", 3'600'000'000'000},
    };
    for (const auto& [name, nanoseconds] : units) {
        if (name == unit) return nanoseconds;
    }
    return std::nullopt;
}

// The fraction as millionths: `5` is 500,000. Integers, so that 0.1 s is exact.
std::optional<std::uint64_t> millionths(std::string_view digits) {
    constexpr std::size_t max = 6;
    if (digits.empty() || digits.size() > max) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < max; ++i) {
        const char digit = i < digits.size() ? digits[i] : '0';
        if (digit < '0' || digit > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return value;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto unit = nanoseconds_of(text.substr(end));
    const auto number = text.substr(0, end);
    const auto point = std::min(number.find('.'), number.size());
    const auto whole = parse_whole(number.substr(0, point));
    if (!unit || !whole) return std::nullopt;

    constexpr auto max = static_cast<std::uint64_t>(max_duration.count());
    // Checked before the multiplication, which could overflow.
    if (*whole > max / *unit) return std::nullopt;
    auto total = *whole * *unit;
    if (point < number.size()) {
        const auto fraction = millionths(number.substr(point + 1));
        if (!fraction) return std::nullopt;
        total += *fraction * *unit / 1'000'000;
    }
    if (total > max) return std::nullopt;
    return Duration{static_cast<Duration::rep>(total)};
}

}  // namespace skein::config
