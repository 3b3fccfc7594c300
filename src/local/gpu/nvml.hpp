// NVML, the driver's library of management: knows free memory, processes and MIG slices.
#pragma once
#include "local/plan/device.hpp"

namespace skein::local {

// A GPU that does not answer is left out, the others stay.
worker::Gpus ask_nvml();

}  // namespace skein::local
