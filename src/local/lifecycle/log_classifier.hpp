// What engines say when they are done for.
#pragma once
#include <string_view>

namespace skein::worker {

// A CUDA error, or the end of an engine's core: every later call to that process fails as well,
// whatever it answers to being asked how it is. It must be killed.
bool is_cuda_error(std::string_view text);

// Not enough memory, on the device or on the machine.
bool is_out_of_memory(std::string_view text);

}  // namespace skein::worker
