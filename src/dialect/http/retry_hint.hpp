// How long does the server ask us to stay away?
#pragma once
#include "dialect/http/wall_time.hpp"
#include "model/headers.hpp"

#include <skein/time.hpp>

#include <optional>
#include <string_view>

namespace skein {

// What the body of an error says of it.
struct BodyHint {
    std::string_view delay;            // A duration, in a member made for it.
    std::string_view message;          // Words: `Please try again in 6.305s.`
    const Headers* headers = nullptr;  // Rate headers that it repeats.
};

// The first of these that makes sense, which is: a number, more than zero.
//
//   1. `retry-after-ms`, then `retry-after` in seconds or as a date
//   2. the delay in the body, then the one in its words
//   3. the latest reset among the rate headers whose bucket is empty, at most a day: first those
//      of the answer, then those that its body repeats
//
// Dates are taken relative to the answer's own `Date`, if it has one, so that a wrong clock on
// either side does no harm; else relative to `wall`. How long a pause is bearable is not decided
// here, but what is longer than thirty years is noise, and no hint.
std::optional<Duration> retry_hint(const Headers& headers, const BodyHint& body, WallTime wall);

}  // namespace skein
