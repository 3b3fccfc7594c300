// Lists GPUs by NVML, the driver's management library, which knows free memory, processes and MIG
// slices.
#pragma once
#include "local/plan/device.hpp"

namespace skein::local {

// A GPU that does not answer goes to `unusable`; the others are still listed.
local::Gpus ask_nvml();

}  // namespace skein::local
