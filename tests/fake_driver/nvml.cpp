// A libnvidia-ml.so.1 that tells what the environment says:
//
//   FAKE_GPUS       how many GPUs there are
//   FAKE_INIT       what nvmlInit_v2 answers: 9 is "Driver Not Loaded"
//   FAKE_LOST       the GPU whose UUID cannot be asked for
//   FAKE_FORBIDDEN  the GPU that we have no permission for
//   FAKE_MIG        the GPU that is in slices, and FAKE_SLICES how many (2)
//   FAKE_FREE       GiB that are free of its 80 (70)
//   FAKE_BARE       set: what a GPU need not tell it does not
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum Result : int {
    success = 0,
    unsupported = 3,
    no_permission = 4,
    not_found = 6,
    insufficient_size = 7,
    lost = 15
};

constexpr long none = -1;
constexpr long slices_of_one = 100;  // Handles of slices are above it.

long told(const char* name, long otherwise = none) {
    const char* text = std::getenv(name);
    return text ? std::strtol(text, nullptr, 10) : otherwise;
}

// A handle is never null.
using Device = void*;
Device device_at(long number) { return reinterpret_cast<Device>(number + 1); }
long number_of(Device device) { return reinterpret_cast<long>(device) - 1; }
bool is_slice(Device device) { return number_of(device) >= slices_of_one; }

int bare_or(Result result) { return std::getenv("FAKE_BARE") ? unsupported : result; }

}  // namespace

extern "C" {

int nvmlInit_v2() { return static_cast<int>(told("FAKE_INIT", success)); }
int nvmlShutdown() { return success; }

const char* nvmlErrorString(int result) {
    return result == 9 ? "Driver Not Loaded" : result == lost ? "GPU is lost" : "Unknown Error";
}

int nvmlSystemGetDriverVersion(char* text, unsigned size) {
    std::snprintf(text, size, "999.1");
    return success;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
    *count = static_cast<unsigned>(told("FAKE_GPUS", 0));
    return success;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device* device) {
    if (told("FAKE_FORBIDDEN") == static_cast<long>(index)) return no_permission;
    *device = device_at(index);
    return success;
}

int nvmlDeviceGetUUID(Device device, char* text, unsigned size) {
    const long number = number_of(device);
    if (number == told("FAKE_LOST")) return lost;
    const char* pattern = is_slice(device) ? "MIG-%08lx-0000-4000-8000-000000000000"
                                           : "GPU-%08lx-0000-4000-8000-000000000000";
    std::snprintf(text, size, pattern, 0xa0 + number);
    return success;
}

int nvmlDeviceGetName(Device device, char* text, unsigned size) {
    std::snprintf(text, size, is_slice(device) ? "Fake H100 MIG 1g.10gb" : "Fake H100");
    return success;
}

int nvmlDeviceGetMemoryInfo(Device device, unsigned long long* total_free_used) {
    constexpr unsigned long long gib = 1ull << 30;
    const auto free = is_slice(device) ? 9 : static_cast<unsigned long long>(told("FAKE_FREE", 70));
    total_free_used[0] = (is_slice(device) ? 10 : 80) * gib;
    total_free_used[1] = free * gib;
    total_free_used[2] = total_free_used[0] - total_free_used[1];
    return bare_or(success);
}

int nvmlDeviceGetPciInfo_v3(Device device, void* info) {
    if (is_slice(device)) return unsupported;
    constexpr std::size_t bus_id = 36;
    std::snprintf(
        static_cast<char*>(info) + bus_id, 32, "00000000:%02lX:00.0", number_of(device) + 1
    );
    return bare_or(success);
}

int nvmlDeviceGetCudaComputeCapability(Device, int* major, int* minor) {
    *major = 9;
    *minor = 0;
    return bare_or(success);
}

int nvmlDeviceGetComputeRunningProcesses_v3(Device, unsigned* count, void*) {
    *count = 3;
    return bare_or(insufficient_size);
}

int nvmlDeviceGetMigMode(Device device, unsigned* current, unsigned* pending) {
    *current = *pending = number_of(device) == told("FAKE_MIG");
    return bare_or(success);
}

int nvmlDeviceGetMaxMigDeviceCount(Device, unsigned* max) {
    *max = 7;
    return success;
}

int nvmlDeviceGetMigDeviceHandleByIndex(Device, unsigned index, Device* slice) {
    if (static_cast<long>(index) >= told("FAKE_SLICES", 2)) return not_found;
    *slice = device_at(slices_of_one + static_cast<long>(index));
    return success;
}

}  // extern "C"
