// The output of `skein devices`: the GPUs of this machine and their names in a job file.
#pragma once
#include "local/plan/device.hpp"

#include <optional>
#include <string>

namespace skein::app {

// A table for a person. If no GPU can be used, it says why and what to do.
std::string devices_text(
    const local::Gpus& gpus, const std::optional<std::string>& cuda_visible_devices
);

// The same as one JSON object on one line.
std::string devices_json(
    const local::Gpus& gpus, const std::optional<std::string>& cuda_visible_devices
);

}  // namespace skein::app
