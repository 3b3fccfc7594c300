#include "local/gpu/cuda_current.hpp"

#include "support/catch.hpp"

#include <dlfcn.h>
#include <thread>

namespace skein::local {
namespace {

constexpr auto driver = SKEIN_NOTING_CUDA;

int context_of_this_thread() {
    void* library = dlopen(driver, RTLD_NOW);
    REQUIRE(library);
    return reinterpret_cast<int (*)()>(dlsym(library, "context_of_this_thread"))();
}

TEST_CASE("Each thread gets the CUDA device that it asked for.", "[local]") {
    CHECK_FALSE(make_current(1, driver));
    int other = -1;
    std::optional<std::string> wrong;
    std::thread{[&] {
        wrong = make_current(0, driver);
        other = context_of_this_thread();
    }}.join();
    CHECK_FALSE(wrong);
    CHECK(other == 1);
    CHECK(context_of_this_thread() == 2);
}

TEST_CASE("The CPU needs no CUDA driver.", "[local]") {
    CHECK_FALSE(make_current(-1, "/nonexistent/libcuda.so.1"));
}

TEST_CASE("A CUDA device that cannot be used is reported in words.", "[local]") {
    CHECK(make_current(7, driver).value_or("") == "cuDeviceGet: invalid device ordinal");
    CHECK(
        make_current(0, "/nonexistent/libcuda.so.1").value_or("").find("/nonexistent/") !=
        std::string::npos
    );
    // A shared library that is not the CUDA driver.
    const auto other = make_current(0, "libm.so.6").value_or("");
    CHECK(other.find("the CUDA driver has no cu") == 0);
}

}  // namespace
}  // namespace skein::local
