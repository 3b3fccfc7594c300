// A libcuda.so.1 that tells what the environment says. Like the real one it looks at
// CUDA_VISIBLE_DEVICES, of which it understands numbers, and would put the fastest first, which
// here is the last.
//
//   FAKE_CUDA_GPUS  how many GPUs there are
//   FAKE_CUDA_INIT  what cuInit answers: 100 is "no CUDA-capable device is detected"
//   FAKE_CUDA_NAME  what they are called
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

long told(const char* name, long otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtol(text, nullptr, 10) : otherwise;
}

std::vector<int> visible() {
    const int count = static_cast<int>(told("FAKE_CUDA_GPUS", 0));
    std::vector<int> devices;
    const char* list = std::getenv("CUDA_VISIBLE_DEVICES");
    if (!list) {
        for (int device = count; device-- > 0;) devices.push_back(device);
        return devices;
    }
    for (char* end = nullptr;; list = end + 1) {
        const long device = std::strtol(list, &end, 10);
        if (end == list || device < 0 || device >= count) return devices;
        devices.push_back(static_cast<int>(device));
        if (*end != ',') return devices;
    }
}

}  // namespace

extern "C" {

int cuInit(unsigned) {
    const int answer = static_cast<int>(told("FAKE_CUDA_INIT", 0));
    return answer == 0 && visible().empty() ? 100 : answer;
}

int cuGetErrorString(int error, const char** text) {
    *text = error == 100 ? "no CUDA-capable device is detected" : "unknown error";
    return 0;
}

int cuDriverGetVersion(int* version) {
    *version = 13020;
    return 0;
}

int cuDeviceGetCount(int* count) {
    *count = static_cast<int>(visible().size());
    return 0;
}

int cuDeviceGet(int* device, int index) {
    *device = visible()[static_cast<std::size_t>(index)];
    return 0;
}

int cuDeviceGetName(char* text, int size, int) {
    const char* name = std::getenv("FAKE_CUDA_NAME");
    std::snprintf(text, static_cast<std::size_t>(size), "%s", name ? name : "Fake Orin");
    return 0;
}

int cuDeviceGetUuid_v2(unsigned char* bytes, int device) {
    for (int i = 0; i < 16; ++i) bytes[i] = static_cast<unsigned char>(i == 0 ? 0xa0 + device : i);
    return 0;
}

int cuDeviceGetPCIBusId(char* text, int size, int device) {
    std::snprintf(
        text, static_cast<std::size_t>(size), "0000:%02x:00.0", static_cast<unsigned>(device + 1)
    );
    return 0;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
    *bytes = std::size_t{64} << 30;
    return 0;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
    *value = attribute == 75 ? 8 : 7;
    return 0;
}

}  // extern "C"
