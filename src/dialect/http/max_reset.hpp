#pragma once
#include <skein/time.hpp>

namespace skein {

// A server that asks for a longer wait is not believed: its clock may be wrong.
inline constexpr Duration max_reset = std::chrono::hours{24};

}  // namespace skein
