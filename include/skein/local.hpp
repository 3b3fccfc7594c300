/// The local pool: models on this machine, the last tier.
#pragma once
#include <skein/model.hpp>
#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skein {

/// Worker processes, each of which loads a model once and answers request after request; or, with
/// `factory`, threads that run a model of your own. They serve while no endpoint of `endpoints` is
/// well: see `Settings::fallback_after`. With no endpoint at all they are all there is.
///
/// A worker that dies, stops answering or reports a CUDA error is killed with all it has started
/// and begun anew after 1 s, 2 s … 60 s; what it was at is asked elsewhere. Five starts within five
/// minutes, or five in a row of which none became ready, and it is given up for the run, with the
/// last lines of its log; so it is when it runs out of memory while it loads, once more with less.
/// Workers die with this process, also by `kill -9`.
struct LocalPool {
    enum class Engine : std::uint8_t {
        llama_server,  ///< llama.cpp's, over a unix socket. `model`: a .gguf file.
        vllm,          ///< `vllm serve`, over a unix socket. `model`: a folder or a name.
        sglang,        ///< `python3 -m sglang.launch_server`, on a port of loopback.
        transformers,  ///< skein's own small server over PyTorch and transformers.
        command,       ///< Any server that speaks the OpenAI API: `command`.
        url,           ///< One that runs already, at `url`. Not started, stopped or killed by us.
    };
    enum class Start : std::uint8_t {
        on_demand,  ///< Loading begins at the first sign of trouble at the remote side.
        standby,    ///< Loaded from the beginning.
    };
    enum class Pin : std::uint8_t {
        index,  ///< Devices by number (`CUDA_DEVICE_ORDER=PCI_BUS_ID`); MIG always by UUID.
        uuid,
    };

    Engine engine = Engine::llama_server;
    ModelFactory factory{};  ///< Your own model instead of an engine. Libraries only.
    /// What is in front of a worker's number in its name: `local-0`, `local-1` …
    std::string name = "local";
    std::string model{};    ///< What the engine loads: a file, a folder or a name.
    std::string program{};  ///< The engine's program. Empty: its usual name, found by `PATH`.
    /// `command`: program and arguments, no shell. `{model}`, `{device}`, `{socket}`, `{port}`,
    /// `{slots}`, `{context}` and `{name}` are filled in. It must listen at `{socket}`, or on
    /// loopback at `{port}` or wherever it likes. `SKEIN_WORKER_TOKEN` holds the bearer token.
    std::vector<std::string> command{};
    std::vector<std::string> arguments{};  ///< More arguments for the engine.
    std::string url{};                     ///< `url`: `http://127.0.0.1:8080/v1`. Loopback only.
    /// Names of environment variables that a worker gets beyond PATH, HOME, USER, LANG, TZ, TMPDIR,
    /// PYTHONPATH, VIRTUAL_ENV and those that begin with CUDA_, NVIDIA_, NCCL_, LD_, HF_, HIP_,
    /// ROCR_, OMP_, XDG_, LC_, GGML_, VLLM_ and TORCH. One whose name speaks of a key, token,
    /// secret or password does not travel unless it is named here.
    std::vector<std::string> environment{};

    /// `auto`: all GPUs, or the CPU where there is none. `cpu`. Or numbers and UUIDs of GPUs.
    /// `CUDA_VISIBLE_DEVICES`, if it is set, is what is chosen from.
    std::vector<std::string> devices{"auto"};
    Pin pin = Pin::index;
    std::size_t workers_per_device = 1;    ///< Worker i is on device i mod n. 1 to 64.
    std::size_t in_flight_per_worker = 4;  ///< The engine's slots. 1 to 4,096.
    std::size_t context = 0;               ///< Tokens of one slot. 0: as the engine likes.
    std::uint64_t memory_per_worker = 0;   ///< Bytes that must be free on its GPU. 0: not looked.
    bool embeddings = false;               ///< The model serves `/v1/embeddings`, too.

    Start start = Start::on_demand;
    /// False: where the pool cannot be started, a job with endpoints goes on without it.
    bool required = true;
    Duration startup = std::chrono::minutes{10};  ///< From its start until it answers.
    Duration liveness = std::chrono::seconds{5};  ///< Between two looks at a worker; three misses
                                                  ///< kill it.
    Duration answer = std::chrono::seconds{2};    ///< How long such a look may take.
    /// Requests in flight and not a token for so long kill it. Zero: not looked at. None: 60 s
    /// for engines that tell how far they have come; not looked at for `command` and `url`, of
    /// which a plain answer shows nothing before its end.
    std::optional<Duration> progress{};
    std::uint64_t recycle_after = 0;  ///< Requests after which a worker is replaced. 0: never.
    /// Where it is asked whether it lives. Empty: as the engine has it (`/health`).
    std::string health_path{};
};

}  // namespace skein
