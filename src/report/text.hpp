// Formats numbers with units for a person.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <string>

namespace skein::report {

// A shorter stall of the oldest row is not worth a word.
inline constexpr Duration stall_worth_telling = std::chrono::seconds{1};

std::string duration_text(Duration duration);  // `212 ms`, `41.8 s`, `2 h 05 min`
std::string count_text(std::uint64_t count);   // `1 319`
std::string rate_text(double per_second);      // `0.3`, `42`, `1 319`
std::string share_text(double share);          // `2.1 %`
std::string money_text(double sum);            // `0.000420`, `12.05`
std::string gib_text(std::uint64_t bytes);     // `79.6`

}  // namespace skein::report
