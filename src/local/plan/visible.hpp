// The GPUs that CUDA_VISIBLE_DEVICES shows. A user, Slurm or Kubernetes may have set it; devices
// are then chosen from its list.
#pragma once
#include "local/plan/device.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::local {

struct VisibleGpu {
    std::size_t at = 0;   // Index in `Gpus::all`.
    std::string entry{};  // The entry in the variable; empty if there is no variable.
};

struct Visible {
    std::vector<VisibleGpu> gpus{};  // In the order in which CUDA programs count them.
    std::string note{};              // Why CUDA stops reading the list; empty if it reads all.

    // The number by which CUDA programs know a GPU of `Gpus::all`; nothing if it is hidden.
    std::optional<std::size_t> place_of(std::size_t at) const;
};

// Reads the list as CUDA does: numbers, and UUIDs or unambiguous prefixes of them, up to the first
// invalid entry. So an empty list, `-1` and Slurm's `NoDevFiles` hide every GPU.
Visible visible_gpus(const Gpus& gpus, const std::optional<std::string>& inherited);

// `CUDA_VISIBLE_DEVICES=0,1`, made printable.
std::string variable_text(const std::string& inherited);

// The number that an entry is; nothing if it is no whole number.
std::optional<std::size_t> number_of(std::string_view entry);

bool is_uuid(std::string_view entry);

// Indexes in `Gpus::all` of devices with this UUID or, if there is none, with a UUID that begins
// like it. The UUID of a GPU in MIG mode matches all its slices.
std::vector<std::size_t> with_uuid(const Gpus& gpus, std::string_view uuid);

// Indexes in `Gpus::all` of devices with this GPU number: one GPU, or all its slices.
std::vector<std::size_t> with_index(const Gpus& gpus, std::size_t index);

}  // namespace skein::local
