// Writes the GPUs of this machine as a table for `skein devices`.
#include "app/devices.hpp"
#include "json/text.hpp"
#include "local/plan/placement.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <array>

namespace skein::app {
namespace {

using local::Gpu;

constexpr std::size_t columns = 7;
using Row = std::array<std::string, columns>;
constexpr const char* unknown = "?";

std::string memory_text(const Gpu& gpu) {
    const auto part = [](std::optional<std::uint64_t> bytes) {
        return bytes ? report::gib_text(*bytes) : unknown;
    };
    return part(gpu.memory_free) + " of " + part(gpu.memory_total) + " GiB";
}

std::string capability_text(const Gpu& gpu) {
    if (!gpu.capability) return unknown;
    return std::to_string(gpu.capability->major) + "." + std::to_string(gpu.capability->minor);
}

// The number to write in `local.devices`; a word if there is none.
std::string device_text(const Gpu& gpu, std::optional<std::size_t> place, bool by_place) {
    if (!place) return "hidden";
    if (by_place) return std::to_string(*place);
    return gpu.is_mig ? "its UUID" : std::to_string(gpu.index);
}

Row row_of(const Gpu& gpu, std::string device) {
    return {
        std::move(device),
        std::to_string(gpu.index) + (gpu.is_mig ? " MIG" : ""),
        json::printable(gpu.name, 80),
        memory_text(gpu),
        capability_text(gpu),
        gpu.processes ? std::to_string(*gpu.processes) : unknown,
        json::printable(gpu.uuid, 80)};
}

// Each column is as wide as its widest cell. The last one is not padded, so that no line ends with
// spaces.
std::string aligned(const std::vector<Row>& rows) {
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t column = 0; column < columns; ++column) {
            text += row[column];
            if (column + 1 == columns) break;
            const auto width = std::ranges::max(
                                   rows, {}, [&](const Row& other) { return other[column].size(); }
            )[column]
                                   .size();
            text.append(width - row[column].size() + 2, ' ');
        }
        text += '\n';
    }
    return text;
}

// A device may be a whole GPU or a MIG slice.
std::string headline(const local::Gpus& gpus) {
    const auto slices = std::ranges::count_if(gpus.all, &Gpu::is_mig);
    const auto count = gpus.all.size();
    std::string text = std::to_string(count) + (count == 1 ? " device" : " devices");
    if (slices > 0) text += ", " + std::to_string(slices) + " of them MIG slices";
    text += gpus.is_masked() ? ", by libcuda" : ", by NVML";
    return text + (gpus.driver.empty() ? "" : ", driver " + json::printable(gpus.driver, 40)) +
           "\n";
}

}  // namespace

std::string devices_text(
    const local::Gpus& gpus, const std::optional<std::string>& cuda_visible_devices
) {
    const auto visible = local::visible_gpus(gpus, cuda_visible_devices);
    std::string text;
    if (!gpus.all.empty()) {
        std::vector<Row> rows{
            {"device", "GPU", "name", "memory free", "capability", "processes", "UUID"}};
        for (std::size_t at = 0; at < gpus.all.size(); ++at) {
            const auto device =
                device_text(gpus.all[at], visible.place_of(at), cuda_visible_devices.has_value());
            rows.push_back(row_of(gpus.all[at], device));
        }
        text += headline(gpus) + aligned(rows);
        if (!visible.gpus.empty() && cuda_visible_devices) {
            text +=
                "devices are counted as in " + local::variable_text(*cuda_visible_devices) + "\n";
        }
    }
    for (const auto& other : gpus.unusable) text += json::printable(other, 200) + "\n";
    if (!visible.gpus.empty()) return visible.note.empty() ? text : text + visible.note + "\n";
    return text + "no GPU: " + json::printable(local::why_no_gpu(gpus, visible)) +
           "\nlocal workers run on the processor with `devices: cpu`\n";
}

}  // namespace skein::app
