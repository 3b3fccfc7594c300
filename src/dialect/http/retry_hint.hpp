// Retry-After: the pause that a server asks for, from headers and body.
#pragma once
#include "dialect/http/wall_time.hpp"
#include "model/headers.hpp"

#include <skein/time.hpp>

#include <optional>
#include <string_view>

namespace skein {

// Hints in the body of an error.
struct BodyHint {
    std::string_view delay;            // A duration in its own member (Google's `retryDelay`).
    std::string_view message;          // Text: `Please try again in 6.305s.`
    const Headers* headers = nullptr;  // Headers repeated in the body.
};

// The first valid hint of this list. Valid means a number above zero.
//
//   1. `retry-after-ms`, then `retry-after` in seconds or as a date
//   2. `retry-after` repeated in the body, then the delay in the body, then a delay in its message
//   3. the latest reset of the rate headers whose bucket is empty, at most a day: first the headers
//      of the answer, then those repeated in its body
//
// Dates are relative to the answer's own `Date` header, so that clock skew does no harm; without
// the header they are relative to `wall`. The longest acceptable pause is not decided here; but a
// value above thirty years is noise and ignored.
std::optional<Duration> retry_hint(const Headers& headers, const BodyHint& body, WallTime wall);

}  // namespace skein
