// What CUDA_VISIBLE_DEVICES makes of the GPUs. A user, Slurm or Kubernetes may have set it, and
// then it is the list that devices are chosen from.
#pragma once
#include "local/plan/device.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::worker {

struct VisibleGpu {
    std::size_t at = 0;   // In `Gpus::all`.
    std::string entry{};  // Of the variable, as it stands there; empty where there is no variable.
};

struct Visible {
    std::vector<VisibleGpu> gpus{};  // In the order in which CUDA programs count them.
    std::string note{};              // Why CUDA reads no further, where that may surprise.

    // By which number CUDA programs know a GPU of `Gpus::all`; none if it is hidden.
    std::optional<std::size_t> place_of(std::size_t at) const;
};

// Reads the list as CUDA does: numbers, and UUIDs or unambiguous beginnings of them, up to the
// first entry that is neither. So an empty list, `-1` and Slurm's `NoDevFiles` hide every GPU.
Visible visible_gpus(const Gpus& gpus, const std::optional<std::string>& inherited);

// `CUDA_VISIBLE_DEVICES=0,1`, as it can be shown.
std::string variable_text(const std::string& inherited);

// A whole number as CUDA and people write one.
std::optional<std::size_t> number_of(std::string_view entry);

bool is_uuid(std::string_view entry);

// Which of `Gpus::all` have this UUID, or one that begins so. The slices of a GPU answer to its
// UUID.
std::vector<std::size_t> with_uuid(const Gpus& gpus, std::string_view uuid);

// Which have this number: one, or the slices of one.
std::vector<std::size_t> with_index(const Gpus& gpus, std::size_t index);

}  // namespace skein::worker
