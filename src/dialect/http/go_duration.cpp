#include "dialect/http/go_duration.hpp"

#include "base/ascii.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace skein {
namespace {

struct Unit {
    std::string_view name;
    double nanoseconds;
};

// The order matters: `ms` must come before `m`, because the first match counts.
constexpr std::array units{
    Unit{"ns", 1},
    Unit{"us", 1e3},
    Unit{"µs", 1e3},
    Unit{"μs", 1e3},
    Unit{"ms", 1e6},
    Unit{"s", 1e9},
    Unit{"m", 60 * 1e9},
    Unit{"h", 3600 * 1e9},
};

const Unit* leading_unit(std::string_view text) {
    for (const auto& unit : units) {
        if (text.starts_with(unit.name)) return &unit;
    }
    return nullptr;
}

// Saturates, because the text is foreign and a cast of a larger double is undefined behaviour.
Duration saturated(double nanoseconds) {
    constexpr double max = 9.2e18;  // A little less than 2^63.
    return nanoseconds < max ? Duration{std::llround(nanoseconds)} : Duration::max();
}

}  // namespace

// Digits with at most one point. No sign, exponent, `inf` or `nan`, which `from_chars` would
// accept.
LeadingNumber leading_number(std::string_view text) {
    std::size_t length = 0;
    bool point = false;
    bool digit = false;
    for (; length < text.size(); ++length) {
        const char c = text[length];
        if (c == '.' && !point) {
            point = true;
        } else if (is_digit(c)) {
            digit = true;
        } else {
            break;
        }
    }
    LeadingNumber number;
    if (!digit) return number;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + length, number.value, std::chars_format::fixed);
    // Overflow or underflow of a double: the digits before the point tell which.
    if (error == std::errc::result_out_of_range) {
        const bool is_large =
            text.substr(0, text.find('.')).find_first_of("123456789") != text.npos;
        number.value = is_large ? HUGE_VAL : 0;
    }
    number.length = length;
    return number;
}

// A sum of numbers with units: `1h2m3.5s`. It ends at the first text that is none; `length` tells
// where.
std::optional<Duration> leading_go_duration(std::string_view text, std::size_t* length) {
    double sum = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto number = leading_number(text.substr(at));
        if (number.length == 0) break;
        const auto* unit = leading_unit(text.substr(at + number.length));
        if (!unit) break;
        sum += number.value * unit->nanoseconds;
        at += number.length + unit->name.size();
    }
    if (length) *length = at;
    return at > 0 ? std::optional{saturated(sum)} : std::nullopt;
}

std::optional<Duration> parse_go_duration(std::string_view text) {
    std::size_t length = 0;
    const auto duration = leading_go_duration(text, &length);
    return length == text.size() ? duration : std::nullopt;
}

}  // namespace skein
