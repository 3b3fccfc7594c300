// Lists the GPUs of this machine.
#pragma once
#include "local/plan/device.hpp"

#include <optional>
#include <string>

namespace skein::local {

// Asks NVML, which needs no CUDA context and therefore no GPU memory. Without NVML it asks libcuda.
// Without both, `why_none` has the reason. The libraries are loaded at run time (dlopen) and not
// linked.
//
// Blocks: milliseconds without a driver, but seconds if the driver must initialise the GPUs first.
// Never call it on an event loop.
local::Gpus find_gpus();

// Our own CUDA_VISIBLE_DEVICES; nothing if it is not set. A variable that is set and empty hides
// all GPUs.
std::optional<std::string> inherited_cuda_visible_devices();

}  // namespace skein::local
