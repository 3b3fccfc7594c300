// Test support: machines with GPUs.
#pragma once
#include "local/plan/device.hpp"

#include <utility>

namespace skein::local {

inline constexpr std::uint64_t gib = std::uint64_t{1} << 30;

inline Gpu gpu(std::size_t index, std::string uuid) {
    return {
        .index = index,
        .uuid = std::move(uuid),
        .name = "NVIDIA H100",
        .memory_total = 80 * gib,
        .memory_free = 70 * gib};
}

inline Gpu slice(std::size_t index, std::string uuid, std::string parent) {
    auto slice = gpu(index, std::move(uuid));
    slice.is_mig = true;
    slice.parent_uuid = std::move(parent);
    slice.memory_free = 9 * gib;
    return slice;
}

inline Gpus machine(std::vector<Gpu> gpus) {
    return {.source = "nvml", .driver = "550.54", .all = std::move(gpus)};
}

inline Gpus four() {
    return machine({gpu(0, "GPU-a0"), gpu(1, "GPU-a1"), gpu(2, "GPU-b2"), gpu(3, "GPU-c3")});
}

// Three GPUs; the second one is in MIG mode.
inline Gpus sliced() {
    return machine(
        {gpu(0, "GPU-a0"),
         slice(1, "MIG-10", "GPU-a1"),
         slice(1, "MIG-11", "GPU-a1"),
         gpu(2, "GPU-b2")}
    );
}

inline Gpus without_driver() { return {.why_none = "libnvidia-ml.so.1: not found"}; }

}  // namespace skein::local
