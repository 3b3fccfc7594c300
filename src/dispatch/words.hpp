// Formats durations and shares for the sentences that operators read.
#pragma once
#include <skein/time.hpp>

#include <cstddef>
#include <string>

namespace skein {

// `12.3 s`, rounded up to a millisecond and then cut to tenths.
std::string seconds_text(Duration time);

// `31 % of 64`; 0 of 0 is 0 %.
std::string share_text(std::size_t part, std::size_t whole);

}  // namespace skein
