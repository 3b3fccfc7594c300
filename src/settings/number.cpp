#include "settings/number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace skein::config {
namespace {

bool are_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A leading zero is refused, because some tools read `010` as octal.
bool is_whole(std::string_view text) {
    return are_digits(text) && (text.size() == 1 || text.front() != '0');
}

}  // namespace

std::string Range::text() const {
    return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

// The digits are checked first, because `from_chars` stops at the first other character without an
// error.
std::optional<std::uint64_t> parse_whole(std::string_view text) {
    if (!is_whole(text)) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    return value;
}

// The form is checked first, because `from_chars` also takes `1e6`, `inf` and `.5`.
std::optional<double> parse_decimal(std::string_view text) {
    const auto point = text.find('.');
    if (!is_whole(text.substr(0, point))) return std::nullopt;
    if (point != text.npos && !are_digits(text.substr(point + 1))) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    return value;
}

// The unit must follow the digits at once and is case-sensitive: `Mb` could be megabits.
std::optional<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::pair<std::string_view, std::uint64_t> units[] = {
        {"", 1},
        {"B", 1},
        {"kB", 1'000},
        {"MB", 1'000'000},
        {"GB", 1'000'000'000},
        {"KiB", 1ull << 10},
        {"MiB", 1ull << 20},
        {"GiB", 1ull << 30},
    };
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_whole(text.substr(0, digits));
    if (!number) return std::nullopt;
    for (const auto& [unit, bytes] : units) {
        if (text.substr(digits) != unit) continue;
        // The product must fit into 64 bits.
        if (*number > std::numeric_limits<std::uint64_t>::max() / bytes) return std::nullopt;
        return *number * bytes;
    }
    return std::nullopt;
}

}  // namespace skein::config
