// Parser for durations in Go's format, which most servers use in rate headers: `6m0s`, `1.5h`,
// `20ms`.
#pragma once
#include <skein/time.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace skein {

// The number at the beginning of `text` (digits with at most one point) and its length in bytes.
// Length 0: no number.
struct LeadingNumber {
    double value = 0;
    std::size_t length = 0;
};
LeadingNumber leading_number(std::string_view text);

// The longest duration at the beginning of `text`; nothing if there is none. Saturating: a larger
// value becomes `Duration::max()`.
std::optional<Duration> leading_go_duration(std::string_view text, std::size_t* length = nullptr);

// The duration, if it is the whole text. A sign is not accepted, because a pause is never negative.
std::optional<Duration> parse_go_duration(std::string_view text);

}  // namespace skein
