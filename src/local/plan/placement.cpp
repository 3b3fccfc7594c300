// Assigns workers to devices, round robin, and checks that their memory fits.
//
// Pure functions: the facts about GPUs come in as values. Any thread.
#include "local/plan/placement.hpp"

#include "json/text.hpp"
#include "local/plan/pick.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace skein::local {
namespace {

using Places = Expected<std::vector<Place>, ConfigError>;

// The needed memory is rounded up and the free memory down, so that a message never shows two equal
// numbers for workers that do not fit.
enum class Round : std::uint8_t { up, down };
std::string gib_text(double bytes, Round round) {
    const double tenths = bytes / (1024.0 * 1024 * 1024) * 10;
    std::array<char, 32> text;
    const auto length = std::snprintf(
        text.data(),
        text.size(),
        "%.1f",
        (round == Round::up ? std::ceil(tenths) : std::floor(tenths)) / 10
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

// Division and not multiplication, because the product could overflow. A GPU whose free memory is
// not known passes.
std::optional<ConfigError> too_little_memory(const PlacementSettings& settings, const Gpu& gpu) {
    const auto workers = settings.workers_per_device;
    if (settings.memory_per_worker == 0 || !gpu.memory_free) return std::nullopt;
    if (*gpu.memory_free / settings.memory_per_worker >= workers) return std::nullopt;
    const auto each = static_cast<double>(settings.memory_per_worker);
    return ConfigError{
        "local.memory_per_worker",
        std::to_string(workers) + (workers == 1 ? " worker on " : " workers on ") +
            device_text(gpu) + " would need " +
            gib_text(each * static_cast<double>(workers), Round::up) + " GiB, and " +
            gib_text(static_cast<double>(*gpu.memory_free), Round::down) +
            " GiB are free; end what else runs there (skein devices counts it), lower "
            "workers_per_device or memory_per_worker, or choose other devices"};
}

// True if GPU numbers are reliable. CUDA may skip a GPU that does not answer, and later numbers
// then mean other GPUs.
bool can_count(const Gpus& gpus) { return gpus.unusable.empty(); }

// The value of CUDA_VISIBLE_DEVICES for one worker. An inherited entry is kept where it has the
// wanted form. A number is used only where it surely means this GPU, otherwise the UUID.
std::string pinned(const VisibleGpu& visible, const Gpus& gpus, Pin pin) {
    const auto& gpu = gpus.all[visible.at];
    const auto& entry = visible.entry;
    if (is_uuid(entry) || (!entry.empty() && pin == Pin::index)) return entry;
    const bool by_number = pin == Pin::index && !gpu.is_mig && can_count(gpus);
    if (!by_number && !gpu.uuid.empty()) return gpu.uuid;
    return entry.empty() ? std::to_string(gpu.index) : entry;
}

std::vector<Place> on_cpu(const PlacementSettings& settings) {
    return std::vector<Place>(settings.workers_per_device, Place{"cpu", ""});
}

std::string asked_for(const PlacementSettings& settings) {
    if (settings.devices == PlacementSettings::Devices::automatic) return "a GPU is needed";
    std::string text;
    for (const auto& device : settings.list) {
        text += (text.empty() ? "" : ", ") + json::printable(device, 60);
    }
    return "[" + text + "] was asked for";
}

ConfigError no_gpu(const PlacementSettings& settings, const Gpus& gpus, const Visible& visible) {
    return {
        "local.devices",
        asked_for(settings) + ", and there is no GPU to be used: " + why_no_gpu(gpus, visible) +
            "; write devices: cpu to do without, or see `skein devices`"};
}

}  // namespace

std::string why_no_gpu(const Gpus& gpus, const Visible& visible) {
    return gpus.all.empty() ? gpus.why_none : visible.note;
}

Places place_workers(
    const PlacementSettings& settings, const Gpus& gpus, const std::optional<std::string>& inherited
) {
    using Devices = PlacementSettings::Devices;
    if (settings.devices == Devices::cpu) return on_cpu(settings);
    const auto visible = visible_gpus(gpus, inherited);
    if (visible.gpus.empty()) {
        if (settings.devices == Devices::automatic && settings.cpu_allowed) return on_cpu(settings);
        return no_gpu(settings, gpus, visible);
    }
    auto chosen = visible.gpus;
    if (settings.devices == Devices::listed) {
        auto picked = pick(settings.list, gpus, visible, inherited);
        if (!picked) return picked.error();
        chosen = *std::move(picked);
    }
    std::vector<Place> places;
    // Round robin: one worker on each device before the second one on any.
    for (std::size_t round = 0; round < settings.workers_per_device; ++round) {
        for (const auto& device : chosen) {
            const auto& gpu = gpus.all[device.at];
            if (auto error = too_little_memory(settings, gpu)) return *error;
            const auto index = visible.place_of(device.at);
            places.push_back(
                {.device = device_text(gpu),
                 .cuda_visible_devices = pinned(device, gpus, settings.pin),
                 .cuda_index = index ? static_cast<int>(*index) : -1}
            );
        }
    }
    return places;
}

}  // namespace skein::local
