// The GPUs of this machine, and what a job file can call them.
#pragma once
#include "local/plan/device.hpp"

#include <optional>
#include <string>

namespace skein::app {

// A table for people; where there is no GPU to be used, why not, and what to do.
std::string devices_text(
    const worker::Gpus& gpus, const std::optional<std::string>& cuda_visible_devices
);

// The same as one JSON object on one line.
std::string devices_json(
    const worker::Gpus& gpus, const std::optional<std::string>& cuda_visible_devices
);

}  // namespace skein::app
