// libcuda, the driver's library of computing: asked where there is no NVML, as on some small
// boards.
#pragma once
#include "local/plan/device.hpp"

namespace skein::local {

// Shows only what CUDA_VISIBLE_DEVICES lets it show, in the order of the variable. Free memory it
// knows only with a context, which would take hundreds of megabytes: none is made.
worker::Gpus ask_cuda_driver();

}  // namespace skein::local
