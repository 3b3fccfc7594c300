// Real messages of engines and of the libraries below them.
#include "local/lifecycle/log_classifier.hpp"

#include "support/catch.hpp"

namespace skein::local {
namespace {

void check_all(const std::vector<std::string>& lines, bool is_cuda, bool is_memory) {
    for (const auto& line : lines) {
        CAPTURE(line);
        CHECK(is_cuda_error(line) == is_cuda);
        CHECK(is_out_of_memory(line) == is_memory);
    }
}

}  // namespace

TEST_CASE("Messages of CUDA errors and dead engines are classified as fatal.", "[worker]") {
    check_all(
        {
            "CUDA error: an illegal memory access was encountered",
            "ggml-cuda.cu:96: CUDA error",
            "torch.AcceleratorError: CUDA error: an illegal memory access was encountered",
            "RuntimeError: CUDA error: device-side assert triggered",
            "RuntimeError: CUDA error: misaligned address",
            "RuntimeError: CUDA error: unspecified launch failure",
            "RuntimeError: CUDA error: uncorrectable ECC error encountered",
            "RuntimeError: CUDA driver error: unknown error",
            "RuntimeError: CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling "
            "`cublasGemmEx(handle, ...)`",
            "RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
            "terminate called after throwing an instance of 'c10::Error'\n"
            "  what():  CUDA error: the launch timed out and was terminated",
            "node:7400:7642 [1] include/alloc.h:125 NCCL WARN Cuda failure 700 'an illegal memory "
            "access was encountered'",
            "node:12:34 [0] enqueue.cc:1402 NCCL WARN Cuda failure 715 'an illegal instruction was "
            "encountered'",
            "torch.distributed.DistBackendError: NCCL error in: "
            "../torch/csrc/distributed/c10d/NCCLUtils.hpp:317, unhandled cuda error (run with "
            "NCCL_DEBUG=INFO for details), NCCL version 2.21.5",
            "[Rank 0] NCCL watchdog thread terminated with exception: CUDA error: an illegal "
            "memory access was encountered",
            "ERROR 07-30 17:42:47 [async_llm.py:416] vllm.v1.engine.exceptions.EngineDeadError: "
            "EngineCore encountered an issue. See stack trace (above) for the root cause.",
            "ERROR 10-26 11:12:13 [core_client.py:564] Engine core proc EngineCore_DP0 died "
            "unexpectedly, shutting down client.",
            "Unable to determine the device handle for GPU0: GPU is lost. Reboot the system to "
            "recover this GPU",
        },
        true,
        false
    );
}

TEST_CASE("Messages of memory shortage are not classified as fatal.", "[worker]") {
    check_all(
        {
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 144817.04 MiB on device 0: "
            "cudaMalloc failed: out of memory",
            "alloc_tensor_range: failed to allocate CUDA0 buffer of size 151851674624",
            "llama_model_load: error loading model: unable to allocate CUDA0 buffer",
            "graph_reserve: failed to allocate compute buffers",
            "CUDA error: out of memory",
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a "
            "total capacity of 79.10 GiB of which 12.25 MiB is free.",
            "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling "
            "`cublasCreate(handle)`",
            "RuntimeError: [enforce fail at alloc_cpu.cpp:114] err == 0. DefaultCPUAllocator: "
            "can't allocate memory: you tried to allocate 8589934592 bytes. Error code 12 (Cannot "
            "allocate memory)",
            "terminate called after throwing an instance of 'std::bad_alloc'",
            "node:12:34 [0] transport.cc:151 NCCL WARN Cuda failure 2 'out of memory'",
            "ValueError: No available memory for the cache blocks. Try increasing "
            "`gpu_memory_utilization` when initializing the engine.",
            "ValueError: To serve at least one request with the models's max seq len (131072), "
            "(4.11 GiB KV cache is needed, which is larger than the available KV cache memory (4.0 "
            "GiB).",
            "ValueError: Free memory on device (67.24/79.25 GiB) on startup is less than desired "
            "GPU memory utilization (0.9, 71.33 GiB).",
            "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.",
        },
        false,
        true
    );
}

TEST_CASE("Harmless messages are classified as neither fatal nor memory shortage.", "[worker]") {
    check_all(
        {
            "",
            "{\"error\":{\"message\":\"Loading "
            "model\",\"type\":\"unavailable_error\",\"code\":503}}",
            "the request exceeds the available context size (1024 tokens), try increasing it",
            "There is not enough memory of that summer left to tell.",
            "Our memory fails us; nothing was allocated, and the error is mine.",
            "CUDA kernel errors might be asynchronously reported at some other API call, so the "
            "stacktrace below might be incorrect.",
            "For debugging consider passing CUDA_LAUNCH_BLOCKING=1",
            "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.",
            "ggml_cuda_init: failed to initialize CUDA: no CUDA-capable device is detected",
            "ggml_cuda_init: found 2 CUDA devices:",
            "load_tensors:        CUDA0 model buffer size = 48928.09 MiB",
            "node:12:34 [0] NCCL INFO NCCL version 2.21.5+cuda12.4",
            "torch.distributed.DistBackendError: NCCL error: remote process exited or there was a "
            "network error",
            "INFO 05-12 19:01:18 [gpu_worker.py:227] Available KV cache memory: 22.5 GiB",
            "INFO: 127.0.0.1 - \"POST /v1/chat/completions HTTP/1.1\" 500 Internal Server Error",
        },
        false,
        false
    );
}

TEST_CASE("A fatal message is found in any letter case and at any position.", "[worker]") {
    CHECK(is_cuda_error("cuda ERROR"));
    CHECK(is_cuda_error("x: Illegal Memory Access"));
    CHECK_FALSE(is_cuda_error("cuda erro"));
    CHECK(is_out_of_memory("OUT OF MEMORY"));
    CHECK_FALSE(is_out_of_memory("out of memor"));
}

}  // namespace skein::local
