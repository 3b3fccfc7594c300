#pragma once
#include <optional>
#include <string>

namespace skein::local {

// From now on CUDA code on this thread is for that device, also the runtime's (`cudaMalloc`), as
// CUDA counts those that this process sees; -1 is the CPU, for which there is nothing to do. The
// device's context stays until the program ends. May take seconds, the first time.
//
// What went wrong, in words; mostly nothing.
std::optional<std::string> make_current(int cuda_index, const char* driver = "libcuda.so.1");

}  // namespace skein::local
