// Makes a CUDA device current on the calling thread by libcuda, which is loaded at run time, so
// that neither skein nor its user is linked with CUDA.
#include "local/gpu/cuda_current.hpp"

#include "local/gpu/shared_library.hpp"

namespace skein::local {
namespace {

using Context = void*;

class Driver {
public:
    // Only the last function may be missing: without it an error is told by its number.
    explicit Driver(const char* name) : library_{name} {
        if (!library_) {
            missing_ = library_.error();
            return;
        }
        find(init_, "cuInit");
        find(device_, "cuDeviceGet");
        find(retain_, "cuDevicePrimaryCtxRetain");
        find(set_current_, "cuCtxSetCurrent");
        library_.find(error_text_, "cuGetErrorString");
    }

    std::optional<std::string> make_current(int index) const {
        if (!missing_.empty()) return missing_;
        int device = 0;
        Context context = nullptr;
        if (const int error = init_(0)) return failed("cuInit", error);
        if (const int error = device_(&device, index)) return failed("cuDeviceGet", error);
        // The primary context, because the CUDA runtime uses the same one. It is never released:
        // the model of this thread lives in it.
        if (const int error = retain_(&context, device)) {
            return failed("cuDevicePrimaryCtxRetain", error);
        }
        if (const int error = set_current_(context)) return failed("cuCtxSetCurrent", error);
        return std::nullopt;
    }

private:
    template <class Function>
    void find(Function*& function, const char* name) {
        library_.find(function, name);
        if (!function) missing_ = std::string{"the CUDA driver has no "} + name;
    }

    std::string failed(const char* call, int error) const {
        const char* text = nullptr;
        if (error_text_) error_text_(error, &text);
        return std::string{call} + ": " + (text ? text : "error " + std::to_string(error));
    }

    const SharedLibrary library_;
    std::string missing_{};
    int (*init_)(unsigned) = nullptr;
    int (*device_)(int* device, int index) = nullptr;
    int (*retain_)(Context* context, int device) = nullptr;
    int (*set_current_)(Context context) = nullptr;
    int (*error_text_)(int, const char**) = nullptr;
};

}  // namespace

std::optional<std::string> make_current(int cuda_index, const char* driver) {
    // A negative number is the CPU, which needs no driver.
    if (cuda_index < 0) return std::nullopt;
    return Driver{driver}.make_current(cuda_index);
}

}  // namespace skein::local
