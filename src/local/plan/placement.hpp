// Placement: the device of each worker.
#pragma once
#include "local/plan/device.hpp"
#include "local/plan/visible.hpp"

#include <skein/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skein::local {

enum class Pin : std::uint8_t {
    index,  // Understood by every engine, with CUDA_DEVICE_ORDER=PCI_BUS_ID.
    uuid,
};

struct PlacementSettings {
    enum class Devices : std::uint8_t { automatic, cpu, listed };
    Devices devices = Devices::automatic;
    std::vector<std::string> list{};  // For `listed`: `0`, `GPU-8f2e…`, `MIG-…`.
    std::size_t workers_per_device = 1;
    Pin pin = Pin::index;
    std::uint64_t memory_per_worker = 0;  // Bytes; 0: not checked.
    bool cpu_allowed = false;             // `automatic` may fall back to the CPU.
};

// The device of one worker. Its process must also get CUDA_DEVICE_ORDER=PCI_BUS_ID.
struct Place {
    std::string device{};  // For messages: `GPU 0 (NVIDIA H100)`, `MIG-…`, `cpu`.
    std::optional<std::string>
        cuda_visible_devices{};  // The value to set; an empty text for `cpu`.
    int cuda_index = -1;         // CUDA's number of the device in this process; -1: no GPU.
};

// One place for each worker, round robin: worker i is on device i mod n. `inherited` is our own
// CUDA_VISIBLE_DEVICES: devices are chosen from the GPUs that it shows, counted in its order, and
// its entries are passed on unchanged.
Expected<std::vector<Place>, ConfigError> place_workers(
    const PlacementSettings& settings, const Gpus& gpus, const std::optional<std::string>& inherited
);

// The reason why no GPU can be used: none was found, or all are hidden.
std::string why_no_gpu(const Gpus& gpus, const Visible& visible);

}  // namespace skein::local
