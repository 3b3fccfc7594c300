// From `devices: [0, GPU-8f2e]` to the GPUs that are meant.
#pragma once
#include "local/plan/visible.hpp"

#include <skein/error.hpp>

namespace skein::worker {

// Numbers are those by which CUDA programs count: in PCI order, or in that of the inherited
// CUDA_VISIBLE_DEVICES.
Expected<std::vector<VisibleGpu>, ConfigError> pick(
    const std::vector<std::string>& list,
    const Gpus& gpus,
    const Visible& visible,
    const std::optional<std::string>& inherited
);

// For people: `GPU 0 (NVIDIA H100)`, `MIG-…`.
std::string device_text(const Gpu& gpu);

}  // namespace skein::worker
