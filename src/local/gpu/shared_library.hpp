// A shared library that is loaded at run time (dlopen).
#pragma once
#include <dlfcn.h>
#include <string>

namespace skein::local {

// Never unloaded, because the driver's libraries leave threads and exit handlers behind.
class SharedLibrary {
public:
    explicit SharedLibrary(const char* name) : handle_{dlopen(name, RTLD_NOW | RTLD_LOCAL)} {
        if (handle_) return;
        const char* why = dlerror();
        error_ = why ? why : name;
    }

    explicit operator bool() const { return handle_ != nullptr; }
    const std::string& error() const { return error_; }

    // Null if the library has no such function.
    template <class Function>
    void find(Function*& function, const char* name) const {
        function = reinterpret_cast<Function*>(dlsym(handle_, name));
    }

private:
    void* handle_;
    std::string error_{};
};

}  // namespace skein::local
