// Lists GPUs by libcuda, the CUDA driver library. Used if there is no NVML, as on some small
// boards.
#pragma once
#include "local/plan/device.hpp"

namespace skein::local {

// Lists only the GPUs that CUDA_VISIBLE_DEVICES shows, in its order. Free memory is not known,
// because that needs a CUDA context, which takes hundreds of megabytes of GPU memory.
local::Gpus ask_cuda_driver();

}  // namespace skein::local
