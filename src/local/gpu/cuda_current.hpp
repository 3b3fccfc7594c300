#pragma once
#include <optional>
#include <string>

namespace skein::local {

// Makes a device current for CUDA code on the calling thread, including the CUDA runtime
// (`cudaMalloc`). `cuda_index` is the number that CUDA gives the device in this process; -1 is the
// CPU, for which nothing is done. The primary context of the device stays until the program ends.
// The first call may block for seconds.
//
// Returns the problem in words; nothing on success.
std::optional<std::string> make_current(int cuda_index, const char* driver = "libcuda.so.1");

}  // namespace skein::local
