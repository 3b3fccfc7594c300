// Durations as Go prints them, and with it the rate headers of most servers: `6m0s`, `1.5h`,
// `20ms`.
#pragma once
#include <skein/time.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace skein {

// The number at the beginning of `text`, digits with at most one point among them, and how many
// bytes it took. Length 0: there is none.
struct LeadingNumber {
    double value = 0;
    std::size_t length = 0;
};
LeadingNumber leading_number(std::string_view text);

// The duration at the beginning of `text`, as far as it goes. Nothing if there is none. What is
// longer than a Duration can say becomes the longest.
std::optional<Duration> leading_go_duration(std::string_view text, std::size_t* length = nullptr);

// The same, if it is the whole text. There is no sign in it: time to wait is never negative.
std::optional<Duration> parse_go_duration(std::string_view text);

}  // namespace skein
