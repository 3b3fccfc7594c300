// The GPUs of this machine, as their driver reports them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skein::local {

struct Capability {
    int major = 0;
    int minor = 0;
};

// A device for one worker: a GPU, or a MIG slice of one.
struct Gpu {
    std::size_t index = 0;  // Number of the GPU in PCI order; a slice has that of its GPU.
    std::string uuid{};     // `GPU-…`, or `MIG-…` for a slice.
    std::string name{};
    std::string pci{};
    std::optional<std::uint64_t> memory_total{};  // Bytes.
    std::optional<std::uint64_t> memory_free{};
    std::optional<unsigned> processes{};
    std::optional<Capability> capability{};
    bool is_mig = false;
    std::string parent_uuid{};  // The UUID of the GPU that contains the slice.
};

struct Gpus {
    std::string source{};    // The library that answered: `nvml`, `cuda`, or empty.
    std::string driver{};    // Version of the driver.
    std::string why_none{};  // The reason if `all` is empty.
    std::vector<Gpu> all{};
    std::vector<std::string> unusable{};  // Present but unusable: `GPU 1: GPU is lost`.

    // True if the list is already filtered and ordered by CUDA_VISIBLE_DEVICES: libcuda does that,
    // NVML ignores the variable.
    bool is_masked() const { return source == "cuda"; }
};

}  // namespace skein::local
