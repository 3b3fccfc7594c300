// Numbers, durations and dates as servers write them, beside the C library's reading of the same.
//
//     one text in each line
#include "dialect/http/go_duration.hpp"
#include "dialect/http/wall_time.hpp"
#include "given.hpp"

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <string>

namespace {

using namespace skein;

void check_number(std::string_view text) {
    const auto number = leading_number(text);
    SKEIN_ASSERT(number.length <= text.size());
    if (number.length == 0) {
        SKEIN_ASSERT(number.value == 0);
        return;
    }
    const std::string digits{text.substr(0, number.length)};
    SKEIN_ASSERT(number.value == std::strtod(digits.c_str(), nullptr));
}

// In long double, which has room for every sum that a Duration can hold. As near as doubles can.
void check_sum(std::string_view text, Duration duration) {
    long double sum = 0;
    while (!text.empty()) {
        const auto number = leading_number(text);
        text.remove_prefix(number.length);
        const auto unit = text.substr(0, text.find_first_of("0123456789."));
        text.remove_prefix(unit.size());
        const auto nanoseconds = unit == "h"    ? 3600e9
                                 : unit == "m"  ? 60e9
                                 : unit == "s"  ? 1e9
                                 : unit == "ms" ? 1e6
                                 : unit == "ns" ? 1
                                                : 1e3;
        sum += static_cast<long double>(number.value) * nanoseconds;
    }
    const long double max = Duration::max().count();
    const auto given = static_cast<long double>(duration.count());
    SKEIN_ASSERT(
        std::abs(std::min(sum, max) - given) <=
        1 + max * 0.003L * (sum > max * 0.99L) + sum * 1e-14L
    );
}

void check_duration(std::string_view text) {
    std::size_t length = 0;
    const auto leading = leading_go_duration(text, &length);
    SKEIN_ASSERT(length <= text.size() && leading.has_value() == (length > 0));
    if (!leading) return;
    SKEIN_ASSERT(*leading >= Duration::zero());
    SKEIN_ASSERT(parse_go_duration(text.substr(0, length)) == leading);
    SKEIN_ASSERT(parse_go_duration(text).has_value() == (length == text.size()));
    check_sum(text.substr(0, length), *leading);
}

std::string written(WallTime time, const char* format) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto since_1970 = std::chrono::system_clock::to_time_t(seconds);
    std::tm fields{};
    gmtime_r(&since_1970, &fields);
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &fields)};
}

// Written again it is what was read; but for the name of the day, which nobody needs, and a leap
// second, which is the next one.
void check_http_date(std::string_view text) {
    const auto time = parse_http_date(text);
    if (!time || text.substr(23, 2) == "60") return;
    SKEIN_ASSERT(written(*time, "%d %b %Y %H:%M:%S GMT") == text.substr(5));
}

void check_rfc3339(std::string_view text) {
    const auto time = parse_rfc3339(text);
    if (!time || text.substr(17, 2) == "60") return;
    const auto zone = text.find_last_of("Zz+-");
    auto local = *time;
    if (text.size() - zone == 6) {
        const auto number = [&](std::size_t at) { return std::atoi(&text[zone + at]); };
        const auto offset = std::chrono::hours{number(1)} + std::chrono::minutes{number(4)};
        local += text[zone] == '-' ? -offset : offset;
    }
    // A fraction of many nines is the next second.
    const auto fits = [&](WallTime t) {
        return written(t, "%Y-%m-%d") == text.substr(0, 10) &&
               written(t, "%H:%M:%S") == text.substr(11, 8);
    };
    SKEIN_ASSERT(fits(local) || fits(local - std::chrono::nanoseconds{1}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(bytes), size};
    for (std::size_t at = 0; at <= text.size();) {
        // In memory of its own, with a zero behind it for `atoi`.
        const auto line = text.substr(at, text.find('\n', at) - at);
        at += line.size() + 1;
        check_number(line);
        check_duration(line);
        check_http_date(line);
        check_rfc3339(line);
    }
    return 0;
}
