// A fake CUDA driver with two devices. A context is a number, and the driver notes which one is
// current on each thread.
#include <cstdint>

namespace {

constexpr int success = 0;
constexpr int no_such_device = 101;
constexpr int devices = 2;
bool is_ready = false;
thread_local void* current = nullptr;

}  // namespace

extern "C" {

int cuInit(unsigned) {
    is_ready = true;
    return success;
}

int cuDeviceGet(int* device, int index) {
    if (!is_ready || index >= devices) return no_such_device;
    *device = index;
    return success;
}

int cuDevicePrimaryCtxRetain(void** context, int device) {
    *context = reinterpret_cast<void*>(static_cast<std::intptr_t>(device + 1));
    return success;
}

int cuCtxSetCurrent(void* context) {
    current = context;
    return success;
}

int cuGetErrorString(int error, const char** text) {
    if (error == no_such_device) *text = "invalid device ordinal";
    return success;
}

// For the test: the current context of the calling thread; 0 if there is none.
int context_of_this_thread() { return static_cast<int>(reinterpret_cast<std::intptr_t>(current)); }
}
