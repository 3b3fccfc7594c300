// Classifies log lines and error messages of inference engines.
#pragma once
#include <string_view>

namespace skein::local {

// True for a CUDA error or the death of an engine's core process. Every later call to that process
// fails, even if its health check still succeeds, so it must be killed.
bool is_cuda_error(std::string_view text);

// True if there is not enough memory, on the device or on the machine.
bool is_out_of_memory(std::string_view text);

}  // namespace skein::local
