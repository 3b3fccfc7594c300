#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace skein {

void assertion_failed(const char* what, const char* file, int line) noexcept {
    std::fprintf(stderr, "skein: bug: %s does not hold (%s:%d)\n", what, file, line);
    std::abort();
}

}  // namespace skein
