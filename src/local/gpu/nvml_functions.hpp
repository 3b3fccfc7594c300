// The part of the NVML ABI that skein calls. The ABI is stable: a changed function gets a new name
// with a suffix such as `_v2`.
#pragma once
#include "local/gpu/shared_library.hpp"

#include <cstddef>

namespace skein::local::nvml {

using Device = struct Opaque*;

enum Result : int {
    success = 0,
    no_permission = 4,
    insufficient_size = 7,
};

struct Memory {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};
static_assert(sizeof(Memory) == 24);

struct Pci {
    char legacy_bus_id[16];
    unsigned domain;
    unsigned bus;
    unsigned device;
    unsigned device_id;
    unsigned subsystem_id;
    char bus_id[32];
};
static_assert(sizeof(Pci) == 68 && offsetof(Pci, bus_id) == 36);

// The functions above the line are required; each of the others may be null.
struct Functions {
    int (*init)();
    int (*count)(unsigned*);
    int (*at)(unsigned index, Device*);
    int (*uuid)(Device, char*, unsigned);
    // ────
    int (*shutdown)();
    const char* (*error_text)(int);
    int (*driver_version)(char*, unsigned);
    int (*name)(Device, char*, unsigned);
    int (*memory)(Device, Memory*);
    int (*pci)(Device, Pci*);
    int (*capability)(Device, int* major, int* minor);
    int (*processes)(Device, unsigned* count, void* infos);
    int (*mig_mode)(Device, unsigned* current, unsigned* pending);
    int (*mig_max)(Device, unsigned*);
    int (*mig_at)(Device, unsigned index, Device*);

    explicit Functions(const SharedLibrary& library) {
        library.find(init, "nvmlInit_v2");
        library.find(count, "nvmlDeviceGetCount_v2");
        library.find(at, "nvmlDeviceGetHandleByIndex_v2");
        library.find(uuid, "nvmlDeviceGetUUID");
        library.find(shutdown, "nvmlShutdown");
        library.find(error_text, "nvmlErrorString");
        library.find(driver_version, "nvmlSystemGetDriverVersion");
        library.find(name, "nvmlDeviceGetName");
        library.find(memory, "nvmlDeviceGetMemoryInfo");
        library.find(pci, "nvmlDeviceGetPciInfo_v3");
        library.find(capability, "nvmlDeviceGetCudaComputeCapability");
        library.find(processes, "nvmlDeviceGetComputeRunningProcesses_v3");
        library.find(mig_mode, "nvmlDeviceGetMigMode");
        library.find(mig_max, "nvmlDeviceGetMaxMigDeviceCount");
        library.find(mig_at, "nvmlDeviceGetMigDeviceHandleByIndex");
    }

    bool are_enough() const { return init && count && at && uuid; }
};

}  // namespace skein::local::nvml
