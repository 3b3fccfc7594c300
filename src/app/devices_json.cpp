// Writes the GPUs of this machine as JSON for `skein devices --json`.
#include "app/devices.hpp"
#include "json/text.hpp"
#include "local/plan/placement.hpp"

#include <concepts>

namespace skein::app {
namespace {

// Builds a JSON object, member by member.
class Object {
public:
    Object& add(std::string_view name, std::string_view text) {
        json::append_string(begun(name), text);
        return *this;
    }
    template <std::unsigned_integral Number>
    Object& add(std::string_view name, Number number) {
        json::append_number(begun(name), static_cast<std::int64_t>(number));
        return *this;
    }
    Object& add(std::string_view name, bool flag) {
        begun(name) += flag ? "true" : "false";
        return *this;
    }
    template <class Value>
    Object& add(std::string_view name, const std::optional<Value>& value) {
        if (value) return add(name, *value);
        begun(name) += "null";
        return *this;
    }
    Object& add_json(std::string_view name, const std::string& json) {
        begun(name) += json;
        return *this;
    }

    std::string text() const { return text_ + "}"; }

private:
    std::string& begun(std::string_view name) {
        text_ += text_.size() > 1 ? "," : "";
        json::append_string(text_, name);
        return text_ += ':';
    }

    std::string text_ = "{";
};

// The items are JSON already.
std::string array_of(const std::vector<std::string>& items) {
    std::string text = "[";
    for (const auto& item : items) text += (text.size() > 1 ? "," : "") + item;
    return text + "]";
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

// `null` for what the driver does not tell. `visible_as` is the number inside CUDA_VISIBLE_DEVICES.
std::string gpu_json(const local::Gpu& gpu, std::optional<std::size_t> place) {
    std::optional<std::string> capability;
    if (gpu.capability) {
        capability =
            std::to_string(gpu.capability->major) + "." + std::to_string(gpu.capability->minor);
    }
    Object object;
    object.add("index", gpu.index)
        .add("uuid", gpu.uuid)
        .add("name", gpu.name)
        .add("pci", gpu.pci)
        .add("memory_total", gpu.memory_total)
        .add("memory_free", gpu.memory_free)
        .add("processes", gpu.processes)
        .add("capability", capability)
        .add("mig", gpu.is_mig)
        .add("parent_uuid", unless_empty(gpu.parent_uuid))
        .add("visible", place.has_value())
        .add("visible_as", place);
    return object.text();
}

}  // namespace

// Lists all devices, hidden ones included.
std::string devices_json(
    const local::Gpus& gpus, const std::optional<std::string>& cuda_visible_devices
) {
    const auto visible = local::visible_gpus(gpus, cuda_visible_devices);
    std::vector<std::string> all;
    for (std::size_t at = 0; at < gpus.all.size(); ++at) {
        all.push_back(gpu_json(gpus.all[at], visible.place_of(at)));
    }
    std::vector<std::string> unusable;
    for (const auto& other : gpus.unusable) json::append_string(unusable.emplace_back(), other);
    std::optional<std::string> why_none;
    if (visible.gpus.empty()) why_none = local::why_no_gpu(gpus, visible);
    Object object;
    object.add("source", unless_empty(gpus.source))
        .add("driver", unless_empty(gpus.driver))
        .add("cuda_visible_devices", cuda_visible_devices)
        .add_json("devices", array_of(all))
        .add_json("unusable", array_of(unusable))
        .add("note", unless_empty(visible.note))
        .add("why_none", why_none);
    return object.text();
}

}  // namespace skein::app
