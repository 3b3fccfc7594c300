#include "local/gpu/gpus.hpp"

#include "local/gpu/cuda_driver.hpp"
#include "local/gpu/nvml.hpp"

#include <cstdlib>

namespace skein::local {

local::Gpus find_gpus() {
    auto by_nvml = ask_nvml();
    if (!by_nvml.all.empty() || !by_nvml.unusable.empty()) return by_nvml;
    auto by_cuda = ask_cuda_driver();
    if (by_cuda.all.empty()) by_cuda.why_none = by_nvml.why_none + "; " + by_cuda.why_none;
    return by_cuda;
}

std::optional<std::string> inherited_cuda_visible_devices() {
    const char* value = std::getenv("CUDA_VISIBLE_DEVICES");
    return value ? std::optional<std::string>{value} : std::nullopt;
}

}  // namespace skein::local
