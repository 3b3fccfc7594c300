// Recognises fatal GPU errors and lack of memory by the words of the libraries and engines that
// print them, in any case of letters.
#include "local/lifecycle/log_classifier.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace skein::local {
namespace {

bool contains(std::string_view text, std::string_view words) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(text.begin(), text.end(), words.begin(), words.end(), same) != text.end();
}

// Messages of the CUDA runtime, cuBLAS, cuDNN, NCCL, PyTorch, llama.cpp and vLLM.
constexpr std::array<std::string_view, 15> fatal{
    "cuda error",
    "cuda driver error",
    "cuda runtime error",
    "illegal memory access",
    "illegal instruction was encountered",
    "device-side assert triggered",
    "misaligned address",
    "unspecified launch failure",
    "uncorrectable ecc",
    "uncorrectable nvlink",
    "cublas_status_execution_failed",
    "cudnn_status_execution_failed",
    "gpu is lost",
    "enginedeaderror",
    "died unexpectedly, shutting down client"};

// Messages of the C library, the CUDA runtime, cuBLAS, PyTorch, llama.cpp, vLLM and SGLang.
constexpr std::array<std::string_view, 11> memory{
    "out of memory",
    "outofmemoryerror",
    "failed to allocate",
    "unable to allocate",
    "cannot allocate memory",
    "std::bad_alloc",
    "cublas_status_alloc_failed",
    "no available memory for the cache blocks",
    "larger than the available kv cache memory",
    "less than desired gpu memory utilization",
    "not enough memory. please try to increase --mem-fraction-static"};

}  // namespace

bool is_out_of_memory(std::string_view text) {
    return std::ranges::any_of(memory, [&](auto words) { return contains(text, words); });
}

// Memory is tested first, because out of memory is also reported as a CUDA error, but the process
// stays usable.
bool is_cuda_error(std::string_view text) {
    return !is_out_of_memory(text) &&
           std::ranges::any_of(fatal, [&](auto words) { return contains(text, words); });
}

}  // namespace skein::local
