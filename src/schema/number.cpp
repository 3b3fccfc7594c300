// Numbers of JSON by their value. Pure.
#include "schema/number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace skein::schema {
namespace {

constexpr Number above_64_bits = 18'446'744'073'709'551'616.0L;

__extension__ using Wide = unsigned __int128;

// digits · 10^exponent, without a sign.
struct Decimal {
    std::uint64_t digits = 0;
    int exponent = 0;
};

bool fits_64_bits(Number number) { return is_whole(number) && std::fabs(number) < above_64_bits; }

// A number that is no whole one of 64 bits came from a double, which has 17 digits at most.
Decimal decimal(Number number) {
    number = std::fabs(number);
    Decimal made;
    if (fits_64_bits(number)) {
        made.digits = static_cast<std::uint64_t>(number);
    } else {
        std::array<char, 32> text{};
        const auto written = std::to_chars(
            text.data(),
            text.data() + text.size(),
            static_cast<double>(number),
            std::chars_format::scientific
        );
        int after_point = 0;
        bool is_after = false;
        const char* at = text.data();
        for (; at < written.ptr && *at != 'e'; ++at) {
            if (*at == '.') {
                is_after = true;
                continue;
            }
            made.digits = made.digits * 10 + static_cast<std::uint64_t>(*at - '0');
            after_point += is_after ? 1 : 0;
        }
        at += at < written.ptr ? 1 : 0;                // The `e`.
        at += at < written.ptr && *at == '+' ? 1 : 0;  // `from_chars` knows no plus.
        std::from_chars(at, written.ptr, made.exponent);
        made.exponent -= after_point;
    }
    while (made.digits != 0 && made.digits % 10 == 0) {
        made.digits /= 10;
        ++made.exponent;
    }
    return made;
}

// 10^exponent modulo `by`.
std::uint64_t power_of_ten(int exponent, std::uint64_t by) {
    Wide power = 1 % by;
    Wide base = 10 % by;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1) power = power * base % by;
        base = base * base % by;
    }
    return static_cast<std::uint64_t>(power);
}

}  // namespace

std::optional<Number> number_in(json::Element value) {
    std::int64_t whole = 0;
    if (!value.get(whole)) return static_cast<Number>(whole);
    std::uint64_t large = 0;
    if (!value.get(large)) return static_cast<Number>(large);
    double real = 0;
    if (!value.get(real)) return static_cast<Number>(real);
    return std::nullopt;
}

bool is_whole(Number number) { return std::trunc(number) == number; }

bool is_multiple(Number number, Number step) {
    const auto a = decimal(number);
    const auto b = decimal(step);
    if (a.digits == 0) return true;
    if (b.digits == 0) return false;
    const int shift = a.exponent - b.exponent;
    if (shift >= 0) {
        const Wide rest = Wide{a.digits % b.digits} * power_of_ten(shift, b.digits) % b.digits;
        return rest == 0;
    }
    // The digits of a number end in no zero, so no power of ten is a factor of them; beyond 19 it
    // would be larger than they are.
    if (-shift > 19) return false;
    Wide divisor = b.digits;
    for (int i = 0; i < -shift; ++i) divisor *= 10;
    return Wide{a.digits} % divisor == 0;
}

void append_number(std::string& out, Number number) {
    std::array<char, 32> text{};
    const auto end = text.data() + text.size();
    char* stop = text.data();
    if (fits_64_bits(number)) {
        if (number < 0) *stop++ = '-';
        stop = std::to_chars(stop, end, static_cast<std::uint64_t>(std::fabs(number))).ptr;
    } else {
        const auto real = static_cast<double>(number);
        const bool is_plain = std::fabs(real) >= 1e-6 && std::fabs(real) < 1e20;
        const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
        stop = std::to_chars(stop, end, real, format).ptr;
    }
    out.append(text.data(), stop);
}

}  // namespace skein::schema
