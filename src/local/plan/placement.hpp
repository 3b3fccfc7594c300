// Which worker runs on which device.
#pragma once
#include "local/plan/device.hpp"
#include "local/plan/visible.hpp"

#include <skein/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skein::worker {

enum class Pin : std::uint8_t {
    index,  // What every engine understands, given CUDA_DEVICE_ORDER=PCI_BUS_ID.
    uuid,
};

struct PlacementSettings {
    enum class Devices : std::uint8_t { automatic, cpu, listed };
    Devices devices = Devices::automatic;
    std::vector<std::string> list{};  // Of `listed`: `0`, `GPU-8f2e…`, `MIG-…`
    std::size_t workers_per_device = 1;
    Pin pin = Pin::index;
    std::uint64_t memory_per_worker = 0;  // Bytes; 0: not checked.
    bool cpu_allowed = false;             // May `automatic` do without a GPU?
};

// Where one worker runs. Whoever starts it sets CUDA_DEVICE_ORDER=PCI_BUS_ID besides.
struct Place {
    std::string device{};  // For people: `GPU 0 (NVIDIA H100)`, `MIG-…`, `cpu`
    std::optional<std::string>
        cuda_visible_devices{};  // The value to set; for `cpu` the empty one.
    int cuda_index = -1;         // As CUDA counts what this process itself may see; -1: no GPU.
};

// One place for each worker: worker i is on device i mod n. `inherited` is our own
// CUDA_VISIBLE_DEVICES: devices are chosen from what it shows, counted in its order, and its
// entries are passed on as they stand there.
Expected<std::vector<Place>, ConfigError> place_workers(
    const PlacementSettings& settings, const Gpus& gpus, const std::optional<std::string>& inherited
);

// Why there is no GPU to be used: none was found, or all are hidden.
std::string why_no_gpu(const Gpus& gpus, const Visible& visible);

}  // namespace skein::worker
