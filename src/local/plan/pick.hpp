// Resolves `devices: [0, GPU-8f2e]` to GPUs.
#pragma once
#include "local/plan/visible.hpp"

#include <skein/error.hpp>

namespace skein::local {

// Numbers count as CUDA programs do: in PCI order, or in the order of the inherited
// CUDA_VISIBLE_DEVICES. An error for an unknown, hidden, ambiguous or repeated device.
Expected<std::vector<VisibleGpu>, ConfigError> pick(
    const std::vector<std::string>& list,
    const Gpus& gpus,
    const Visible& visible,
    const std::optional<std::string>& inherited
);

// A device as messages show it: `GPU 0 (NVIDIA H100)`, `MIG-…`.
std::string device_text(const Gpu& gpu);

}  // namespace skein::local
