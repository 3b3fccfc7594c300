// Parsers for HTTP dates and RFC 3339 times. The text is foreign: every field is checked before
// use. Pure; any thread.
#include "dialect/http/wall_time.hpp"

#include "base/ascii.hpp"
#include "dialect/http/go_duration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace skein {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Fields {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

// Does `text` look like `pattern`, in which `0` stands for a digit and `?` for anything?
bool looks_like(std::string_view text, std::string_view pattern) {
    return std::ranges::equal(text, pattern, [](char c, char wanted) {
        return wanted == '?' || (wanted == '0' ? is_digit(c) : c == wanted);
    });
}

// The caller has checked by `looks_like` that these are digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(at, count)) value = value * 10 + (c - '0');
    return value;
}

// Years 1970 to 2200 only, because nanoseconds since 1970 overflow after 2262.
std::optional<WallTime> moment(const Fields& fields) {
    const year_month_day date{year{fields.year}, month{fields.month}, day{fields.day}};
    if (!date.ok() || fields.year < 1970 || fields.year > 2200) return std::nullopt;
    if (fields.hour > 23 || fields.minute > 59 || fields.second > 60) return std::nullopt;
    return WallTime{sys_days{date}} + hours{fields.hour} + minutes{fields.minute} +
           seconds{fields.second};
}

// The time zone after the seconds: `Z` or `+hh:mm`. Nothing if it is neither.
std::optional<Duration> offset_of(std::string_view zone) {
    if (zone == "Z" || zone == "z") return Duration::zero();
    if (!looks_like(zone, "?00:00") || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
    const int hour = digits(zone, 1, 2);
    const int minute = digits(zone, 4, 2);
    if (hour > 23 || minute > 59) return std::nullopt;
    const Duration offset = hours{hour} + minutes{minute};
    return zone[0] == '-' ? -offset : offset;
}

}  // namespace

// IMF-fixdate only, the form that RFC 9110 demands of senders. The name of the day must be a day,
// but need not be the right one.
std::optional<WallTime> parse_http_date(std::string_view text) {
    if (!looks_like(text, "???, 00 ??? 0000 00:00:00 GMT")) return std::nullopt;
    const auto named = std::ranges::find(months, text.substr(8, 3));
    if (named == months.end()) return std::nullopt;
    if (std::ranges::find(days, text.substr(0, 3)) == days.end()) return std::nullopt;
    return moment({
        .year = digits(text, 12, 4),
        .month = static_cast<unsigned>(named - months.begin()) + 1,
        .day = static_cast<unsigned>(digits(text, 5, 2)),
        .hour = digits(text, 17, 2),
        .minute = digits(text, 20, 2),
        .second = digits(text, 23, 2),
    });
}

// A text shorter than 19 bytes fails in `looks_like`, so the positions below exist.
std::optional<WallTime> parse_rfc3339(std::string_view text) {
    if (!looks_like(text.substr(0, 19), "0000-00-00?00:00:00")) return std::nullopt;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    const auto whole = moment({
        .year = digits(text, 0, 4),
        .month = static_cast<unsigned>(digits(text, 5, 2)),
        .day = static_cast<unsigned>(digits(text, 8, 2)),
        .hour = digits(text, 11, 2),
        .minute = digits(text, 14, 2),
        .second = digits(text, 17, 2),
    });
    auto rest = text.substr(19);
    Duration fraction{};
    if (rest.starts_with('.')) {
        const auto number = leading_number(rest);
        fraction = Duration{std::llround(number.value * 1e9)};
        rest.remove_prefix(number.length);
    }
    const auto offset = offset_of(rest);
    if (!whole || !offset) return std::nullopt;
    return *whole + fraction - *offset;
}

}  // namespace skein
