#pragma once
#include <cstddef>
#include <sched.h>

namespace skein {

// The number of CPU cores in the affinity mask of the calling thread; may be fewer than the machine
// has. 1 if the mask cannot be read.
inline std::size_t cores_for_us() {
    cpu_set_t cores{};
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
    return static_cast<std::size_t>(CPU_COUNT(&cores));
}

}  // namespace skein
