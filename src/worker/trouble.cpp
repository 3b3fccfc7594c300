#include "worker/trouble.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace skein::worker {
namespace {

bool contains(std::string_view text, std::string_view words) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(text.begin(), text.end(), words.begin(), words.end(), same) != text.end();
}

// As the driver, the runtime, cuBLAS, NCCL, PyTorch and llama.cpp put it.
constexpr std::array<std::string_view, 10> fatal{
    "cuda error",
    "cuda runtime error",
    "illegal memory access",
    "device-side assert",
    "misaligned address",
    "unspecified launch failure",
    "uncorrectable ecc",
    "cublas_status_execution_failed",
    "gpu is lost",
    "engine core died"};

constexpr std::array<std::string_view, 5> memory{
    "out of memory",
    "outofmemoryerror",
    "failed to allocate",
    "cannot allocate memory",
    "no available memory for the cache blocks"};

}  // namespace

bool is_out_of_memory(std::string_view text) {
    return std::ranges::any_of(memory, [&](auto words) { return contains(text, words); });
}

// Running out of memory is reported as a CUDA error too, and leaves the process usable.
bool is_cuda_error(std::string_view text) {
    return !is_out_of_memory(text) &&
           std::ranges::any_of(fatal, [&](auto words) { return contains(text, words); });
}

}  // namespace skein::worker
