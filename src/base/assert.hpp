// Assertions that are active in all builds, release included: a violated invariant aborts the
// program.
#pragma once

namespace skein {

[[noreturn]] void assertion_failed(const char* what, const char* file, int line) noexcept;

}  // namespace skein

#define SKEIN_ASSERT(condition) \
    ((condition) ? void() : ::skein::assertion_failed(#condition, __FILE__, __LINE__))
