// Resolves the entries of `local.devices` to GPUs, with an error message that lists the choices.
//
// A number counts GPUs in PCI order, or the entries of an inherited CUDA_VISIBLE_DEVICES. Pure
// functions, any thread.
#include "local/plan/pick.hpp"

#include "json/text.hpp"

#include <algorithm>

namespace skein::local {
namespace {

using Candidates = std::vector<VisibleGpu>;

// Resolves one entry of the list. Refers to the facts of the caller and lives within one call of
// `pick`.
class Picker {
public:
    Picker(const Gpus& gpus, const Visible& visible, const std::optional<std::string>& inherited)
        : gpus_{gpus}, visible_{visible}, inherited_{inherited} {}

    Expected<VisibleGpu, ConfigError> one(const std::string& device) const {
        const auto number = number_of(device);
        if (!number && !is_uuid(device)) {
            return wrong(
                device,
                "is no device: it can be auto, cpu, or a list of numbers and UUIDs such as "
                "[0, GPU-8f2e…]"
            );
        }
        const auto found = number ? numbered(*number) : visible_of(with_uuid(gpus_, device));
        if (found.empty()) return wrong(device, number ? beyond() : unknown(device));
        // The number of a GPU in MIG mode, or its UUID, matches all its slices.
        if (found.size() > 1) return wrong(device, "is more than one: write " + uuids(found));
        return found.front();
    }

private:
    // With an inherited CUDA_VISIBLE_DEVICES numbers count the entries of its list.
    Candidates numbered(std::size_t number) const {
        if (!inherited_) return visible_of(with_index(gpus_, number));
        if (number >= visible_.gpus.size()) return {};
        return {visible_.gpus[number]};
    }

    // Only visible devices can be chosen: CUDA hides the others from every worker.
    Candidates visible_of(const std::vector<std::size_t>& found) const {
        Candidates seen;
        for (const auto& gpu : visible_.gpus) {
            if (std::ranges::find(found, gpu.at) != found.end()) seen.push_back(gpu);
        }
        return seen;
    }

    // The message for a number that is too large: the choices, and what may have made them fewer.
    std::string beyond() const {
        auto text = "is not there: what can be chosen is " + numbers();
        if (inherited_) text += ", the places in " + variable_text(*inherited_);
        for (const auto& other : gpus_.unusable) text += "; " + json::printable(other, 200);
        if (!visible_.note.empty()) text += "; " + visible_.note;
        return text + "; see `skein devices`";
    }

    std::string numbers() const {
        std::string text;
        std::optional<std::size_t> last;
        for (std::size_t place = 0; place < visible_.gpus.size(); ++place) {
            const auto number = inherited_ ? place : gpus_.all[visible_.gpus[place].at].index;
            if (number == last) continue;  // A further slice of the same GPU.
            text += (text.empty() ? "" : ", ") + std::to_string(number);
            last = number;
        }
        return text;
    }

    // A UUID may belong to no GPU here, or to one that the variable hides; the remedies differ.
    std::string unknown(const std::string& uuid) const {
        if (with_uuid(gpus_, uuid).empty()) {
            return "is the UUID of no GPU of this machine; see `skein devices`";
        }
        return "is hidden by " + variable_text(inherited_.value_or(""));
    }

    std::string uuids(const Candidates& found) const {
        std::string text;
        for (const auto& gpu : found) {
            text += (text.empty() ? "" : " or ") + json::printable(gpus_.all[gpu.at].uuid, 80);
        }
        return text;
    }

    static ConfigError wrong(const std::string& device, const std::string& why) {
        const auto what = number_of(device) ? "device " + device : json::printable(device, 80);
        return {"local.devices", what + " " + why};
    }

    const Gpus& gpus_;
    const Visible& visible_;
    const std::optional<std::string>& inherited_;
};

}  // namespace

std::string device_text(const Gpu& gpu) {
    if (gpu.is_mig) return json::printable(gpu.uuid, 80);
    const auto text = "GPU " + std::to_string(gpu.index);
    return gpu.name.empty() ? text : text + " (" + json::printable(gpu.name, 80) + ")";
}

Expected<std::vector<VisibleGpu>, ConfigError> pick(
    const std::vector<std::string>& list,
    const Gpus& gpus,
    const Visible& visible,
    const std::optional<std::string>& inherited
) {
    if (list.empty()) return ConfigError{"local.devices", "the list is empty; write auto or cpu"};
    const Picker picker{gpus, visible, inherited};
    std::vector<VisibleGpu> picked;
    for (const auto& device : list) {
        const auto found = picker.one(device);
        if (!found) return found.error();
        // The same device under two names would get twice the workers that its memory was checked
        // for.
        for (std::size_t i = 0; i < picked.size(); ++i) {
            if (picked[i].at != found->at) continue;
            return ConfigError{
                "local.devices",
                device_text(gpus.all[found->at]) + " is named twice, as " +
                    json::printable(list[i], 80) + " and as " + json::printable(device, 80) +
                    "; for more workers on it raise workers_per_device"};
        }
        picked.push_back(*found);
    }
    return picked;
}

}  // namespace skein::local
