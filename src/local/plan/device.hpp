// The GPUs of this machine, as their driver tells of them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skein::worker {

struct Capability {
    int major = 0;
    int minor = 0;
};

// What one worker can have for itself: a GPU, or a MIG slice of one.
struct Gpu {
    std::size_t index = 0;  // Of the GPU, in PCI order; a slice has that of its GPU.
    std::string uuid{};     // `GPU-…`, or `MIG-…` of a slice
    std::string name{};
    std::string pci{};
    std::optional<std::uint64_t> memory_total{};  // Bytes.
    std::optional<std::uint64_t> memory_free{};
    std::optional<unsigned> processes{};
    std::optional<Capability> capability{};
    bool is_mig = false;
    std::string parent_uuid{};  // Of a slice: its GPU.
};

struct Gpus {
    std::string source{};    // Who told: `nvml`, `cuda`, or nobody.
    std::string driver{};    // Its version.
    std::string why_none{};  // Where `all` is empty.
    std::vector<Gpu> all{};
    std::vector<std::string> unusable{};  // `GPU 1: GPU is lost`: there, and of no use.

    // NVML does not know of CUDA_VISIBLE_DEVICES; libcuda shows what the variable lets it, in the
    // order of the variable.
    bool is_masked() const { return source == "cuda"; }
};

}  // namespace skein::worker
