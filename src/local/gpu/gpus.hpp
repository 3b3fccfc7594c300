// Which GPUs are there?
#pragma once
#include "local/plan/device.hpp"

#include <optional>
#include <string>

namespace skein::local {

// Asks NVML, which needs no CUDA context and so takes no GPU memory; where there is none of it,
// libcuda; where there is neither, says why. Both are looked for now: nothing of them is linked.
//
// Blocks: without a driver for milliseconds, but where the driver has to wake the GPUs first for
// seconds. Never to be called on an event loop.
worker::Gpus find_gpus();

// Our own CUDA_VISIBLE_DEVICES, if there is one; empty is not the same as none.
std::optional<std::string> inherited_cuda_visible_devices();

}  // namespace skein::local
