// Lists GPUs by libcuda, the CUDA driver API, loaded at run time.
//
// Makes no CUDA context, because a context takes hundreds of megabytes of GPU memory; so free
// memory and processes are not known. Blocks; may take seconds.
#include "local/gpu/cuda_driver.hpp"

#include "local/gpu/gpus.hpp"
#include "local/gpu/shared_library.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace skein::local {
namespace {

using local::Gpu;
using local::Gpus;

constexpr int success = 0;
constexpr int capability_major = 75;  // CUdevice_attribute
constexpr int capability_minor = 76;
struct Uuid {
    unsigned char bytes[16];
};
static_assert(sizeof(Uuid) == 16);

// The functions above the line are required; each of the others may be null.
struct Functions {
    int (*init)(unsigned);
    int (*count)(int*);
    int (*at)(int* device, int index);
    // ────
    int (*error_text)(int, const char**);
    int (*version)(int*);
    int (*name)(char*, int, int device);
    int (*uuid)(Uuid*, int device);
    int (*pci)(char*, int, int device);
    int (*memory)(std::size_t*, int device);
    int (*attribute)(int*, int which, int device);

    explicit Functions(const SharedLibrary& library) {
        library.find(init, "cuInit");
        library.find(count, "cuDeviceGetCount");
        library.find(at, "cuDeviceGet");
        library.find(error_text, "cuGetErrorString");
        library.find(version, "cuDriverGetVersion");
        library.find(name, "cuDeviceGetName");
        library.find(uuid, "cuDeviceGetUuid_v2");  // For a slice it gives the UUID of the slice.
        if (!uuid) library.find(uuid, "cuDeviceGetUuid");
        library.find(pci, "cuDeviceGetPCIBusId");
        library.find(memory, "cuDeviceTotalMem_v2");
        library.find(attribute, "cuDeviceGetAttribute");
    }

    // GPUs can be counted; all other facts may stay unknown.
    bool are_enough() const { return init && count && at; }
};

std::string error_text(const Functions& cuda, int error) {
    const char* text = nullptr;
    if (cuda.error_text) cuda.error_text(error, &text);
    return text ? text : "error " + std::to_string(error);
}

// libcuda gives the version as 1000 * major + 10 * minor.
std::string version_text(const Functions& cuda) {
    int version = 0;
    if (!cuda.version || cuda.version(&version) != success) return {};
    return "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// `GPU-8f2e1d3c-…`: groups of 4, 2, 2, 2 and 6 bytes, as nvidia-smi and CUDA_VISIBLE_DEVICES write
// it.
std::string uuid_text(const Uuid& uuid, bool is_mig) {
    std::string text = is_mig ? "MIG" : "GPU";
    for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
        std::array<char, 3> hex;
        std::snprintf(hex.data(), hex.size(), "%02x", static_cast<unsigned>(uuid.bytes[i]));
        if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += hex.data();
    }
    return text;
}

Gpu facts_of(const Functions& cuda, int device) {
    Gpu gpu;
    std::array<char, 96> text{};
    constexpr int size = text.size();
    if (cuda.name && cuda.name(text.data(), size, device) == success) gpu.name = text.data();
    gpu.is_mig = gpu.name.find(" MIG ") != gpu.name.npos;  // Only the name tells.
    if (cuda.pci && cuda.pci(text.data(), size, device) == success) gpu.pci = text.data();
    if (Uuid uuid{}; cuda.uuid && cuda.uuid(&uuid, device) == success) {
        gpu.uuid = uuid_text(uuid, gpu.is_mig);
    }
    if (std::size_t bytes = 0; cuda.memory && cuda.memory(&bytes, device) == success) {
        gpu.memory_total = bytes;
    }
    local::Capability capability;
    if (cuda.attribute && cuda.attribute(&capability.major, capability_major, device) == success &&
        cuda.attribute(&capability.minor, capability_minor, device) == success) {
        gpu.capability = capability;
    }
    return gpu;
}

// Numbers the GPUs in PCI order, unless CUDA_VISIBLE_DEVICES has set another order. CUDA's own
// default is the fastest GPU first.
void number(std::vector<Gpu>& gpus) {
    if (!inherited_cuda_visible_devices()) std::ranges::stable_sort(gpus, {}, &Gpu::pci);
    for (std::size_t i = 0; i < gpus.size(); ++i) gpus[i].index = i;
}

Gpus none(std::string why) {
    // The variable may hide every GPU, so a person should see it.
    if (const auto variable = inherited_cuda_visible_devices()) {
        why += " (with CUDA_VISIBLE_DEVICES=" + *variable + ")";
    }
    Gpus gpus;
    gpus.why_none = std::move(why);
    return gpus;
}

}  // namespace

Gpus ask_cuda_driver() {
    const SharedLibrary library{"libcuda.so.1"};
    if (!library) return none(library.error());
    const Functions cuda{library};
    if (!cuda.are_enough()) return none("libcuda.so.1 lacks functions that are needed");
    int count = 0;
    int error = cuda.init(0);
    if (error == success) error = cuda.count(&count);
    if (error != success) return none("libcuda cannot be used: " + error_text(cuda, error));
    Gpus gpus;
    for (int i = 0; i < count; ++i) {
        // A device that does not answer is left out; the others can be used.
        if (int device = 0; cuda.at(&device, i) == success) {
            gpus.all.push_back(facts_of(cuda, device));
        }
    }
    if (gpus.all.empty()) return none("libcuda shows no GPU");
    gpus.source = "cuda";
    gpus.driver = version_text(cuda);
    number(gpus.all);
    return gpus;
}

}  // namespace skein::local
