// Lists GPUs and MIG slices by NVML, the NVIDIA management library, loaded at run time.
//
// Invariant: a GPU that does not answer is reported as unusable and the others are still listed.
// Blocks; may take seconds.
#include "local/gpu/nvml.hpp"

#include "local/gpu/nvml_functions.hpp"

#include <array>

namespace skein::local {
namespace {

using local::Gpu;
using local::Gpus;

class Inquiry {
public:
    explicit Inquiry(const nvml::Functions& nvml) : nvml_{nvml} {}

    Gpus all() {
        gpus_.source = "nvml";
        if (nvml_.driver_version) gpus_.driver = text_by(nvml_.driver_version).value_or("");
        unsigned count = 0;
        if (const int error = nvml_.count(&count); error != nvml::success) {
            gpus_.why_none = "NVML cannot count GPUs: " + error_text(error);
            return std::move(gpus_);
        }
        // In the order of NVML, because the numbers of the GPUs follow from it.
        for (unsigned i = 0; i < count; ++i) add_at(i);
        if (gpus_.all.empty()) gpus_.why_none = why_none();
        return std::move(gpus_);
    }

    std::string error_text(int error) const {
        const char* text = nvml_.error_text ? nvml_.error_text(error) : nullptr;
        return text ? text : "error " + std::to_string(error);
    }

private:
    // NVML counts in PCI order and includes GPUs that a container or a batch system hides from this
    // process. CUDA does not count those, so they get no index here.
    void add_at(unsigned i) {
        nvml::Device device{};
        const int error = nvml_.at(i, &device);
        if (error == nvml::no_permission) return;
        // A GPU that does not answer keeps its number, because the numbers of those behind it must
        // not move.
        const auto index = index_++;
        if (error != nvml::success) return leave_out(index, error_text(error));
        add(device, index);
    }

    // Adds a GPU, or in its place its slices if it is in MIG mode: CUDA can then use the slices
    // only.
    void add(nvml::Device device, std::size_t index) {
        auto gpu = facts_of(device, {.index = index});
        if (!gpu) return;
        if (!is_in_slices(device)) {
            gpus_.all.push_back(*std::move(gpu));
            return;
        }
        const auto before = gpus_.all.size();
        add_slices(device, *gpu);
        if (gpus_.all.size() == before) leave_out(index, "MIG is on, and there is no slice");
    }

    void add_slices(nvml::Device device, const Gpu& parent) {
        auto slice = parent;
        slice.is_mig = true;
        slice.parent_uuid = parent.uuid;
        // The memory and the processes of the whole GPU say nothing about a slice.
        slice.memory_total = slice.memory_free = std::nullopt;
        slice.processes = std::nullopt;
        unsigned max = 0;
        if (nvml_.mig_max(device, &max) != nvml::success) return;
        for (unsigned i = 0; i < max; ++i) {
            nvml::Device handle{};
            if (nvml_.mig_at(device, i, &handle) != nvml::success) continue;
            if (auto gpu = facts_of(handle, slice)) gpus_.all.push_back(*std::move(gpu));
        }
    }

    // Drivers without the functions for MIG have no slices. Only the current mode counts; the
    // pending one is not in effect yet.
    bool is_in_slices(nvml::Device device) const {
        if (!nvml_.mig_mode || !nvml_.mig_max || !nvml_.mig_at) return false;
        unsigned current = 0;
        unsigned pending = 0;
        return nvml_.mig_mode(device, &current, &pending) == nvml::success && current == 1;
    }

    // Fills in the facts of a GPU; unknown facts keep the values in `gpu`. Nothing if the GPU is
    // lost.
    std::optional<Gpu> facts_of(nvml::Device device, Gpu gpu) {
        std::array<char, 96> uuid{};
        if (const int error = nvml_.uuid(device, uuid.data(), uuid.size());
            error != nvml::success) {
            leave_out(gpu.index, error_text(error));
            return std::nullopt;
        }
        gpu.uuid = uuid.data();
        if (nvml_.name) gpu.name = text_by(nvml_.name, device).value_or(gpu.name);
        nvml::Pci pci{};
        if (nvml_.pci && nvml_.pci(device, &pci) == nvml::success) gpu.pci = pci.bus_id;
        nvml::Memory memory{};
        if (nvml_.memory && nvml_.memory(device, &memory) == nvml::success) {
            gpu.memory_total = memory.total;
            gpu.memory_free = memory.free;
        }
        local::Capability capability;
        if (nvml_.capability &&
            nvml_.capability(device, &capability.major, &capability.minor) == nvml::success) {
            gpu.capability = capability;
        }
        if (const auto processes = processes_on(device)) gpu.processes = processes;
        return gpu;
    }

    // NVML returns the number of processes when it is called with no room for their details.
    std::optional<unsigned> processes_on(nvml::Device device) const {
        unsigned count = 0;
        if (!nvml_.processes) return std::nullopt;
        const int error = nvml_.processes(device, &count, nullptr);
        if (error != nvml::success && error != nvml::insufficient_size) return std::nullopt;
        return count;
    }

    template <class Function, class... Of>
    std::optional<std::string> text_by(Function* function, Of... of) const {
        std::array<char, 96> text{};
        if (function(of..., text.data(), text.size()) != nvml::success) return std::nullopt;
        return text.data();
    }

    void leave_out(std::size_t index, const std::string& why) {
        gpus_.unusable.push_back("GPU " + std::to_string(index) + ": " + why);
    }

    std::string why_none() const {
        std::string text = "the driver " + gpus_.driver + " shows none";
        for (const auto& gpu : gpus_.unusable) text += "; " + gpu;
        return text;
    }

    const nvml::Functions& nvml_;
    Gpus gpus_{};
    std::size_t index_ = 0;
};

Gpus no_gpus(std::string why) {
    Gpus gpus;
    gpus.why_none = std::move(why);
    return gpus;
}

}  // namespace

Gpus ask_nvml() {
    const SharedLibrary library{"libnvidia-ml.so.1"};
    if (!library) return no_gpus(library.error());
    const nvml::Functions nvml{library};
    if (!nvml.are_enough()) return no_gpus("libnvidia-ml.so.1 lacks functions that are needed");
    Inquiry inquiry{nvml};
    if (const int error = nvml.init(); error != nvml::success) {
        return no_gpus("NVML cannot be used: " + inquiry.error_text(error));
    }
    auto gpus = inquiry.all();
    // After the last question, because handles of devices become invalid here.
    if (nvml.shutdown) nvml.shutdown();
    return gpus;
}

}  // namespace skein::local
