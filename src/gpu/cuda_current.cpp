#include "gpu/cuda_current.hpp"

#include <dlfcn.h>

namespace skein::local {
namespace {

using Context = void*;

// The driver's library, found when the program runs and never closed: it has threads of its own.
class Driver {
public:
    explicit Driver(const char* name) : library_{dlopen(name, RTLD_NOW | RTLD_LOCAL)} {
        if (!library_) {
            const char* why = dlerror();
            missing_ = why ? why : name;
            return;
        }
        find(init_, "cuInit");
        find(device_, "cuDeviceGet");
        find(retain_, "cuDevicePrimaryCtxRetain");
        find(set_current_, "cuCtxSetCurrent");
        error_text_ = reinterpret_cast<ErrorText>(dlsym(library_, "cuGetErrorString"));
    }

    std::optional<std::string> make_current(int index) const {
        if (!missing_.empty()) return missing_;
        int device = 0;
        Context context = nullptr;
        if (const int error = init_(0)) return failed("cuInit", error);
        if (const int error = device_(&device, index)) return failed("cuDeviceGet", error);
        if (const int error = retain_(&context, device)) {
            return failed("cuDevicePrimaryCtxRetain", error);
        }
        if (const int error = set_current_(context)) return failed("cuCtxSetCurrent", error);
        return std::nullopt;
    }

private:
    using ErrorText = int (*)(int, const char**);

    template <class Function>
    void find(Function& function, const char* name) {
        function = reinterpret_cast<Function>(dlsym(library_, name));
        if (!function) missing_ = std::string{"the CUDA driver has no "} + name;
    }

    std::string failed(const char* call, int error) const {
        const char* text = nullptr;
        if (error_text_) error_text_(error, &text);
        return std::string{call} + ": " + (text ? text : "error " + std::to_string(error));
    }

    void* const library_;
    std::string missing_{};
    int (*init_)(unsigned) = nullptr;
    int (*device_)(int* device, int index) = nullptr;
    int (*retain_)(Context* context, int device) = nullptr;
    int (*set_current_)(Context context) = nullptr;
    ErrorText error_text_ = nullptr;
};

}  // namespace

std::optional<std::string> make_current(int cuda_index, const char* driver) {
    if (cuda_index < 0) return std::nullopt;
    return Driver{driver}.make_current(cuda_index);
}

}  // namespace skein::local
