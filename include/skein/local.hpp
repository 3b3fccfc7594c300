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

/// Worker processes, each of which loads a model once and answers many requests; or, with
/// `factory`, threads that run an in-process model of your own. The pool serves while no endpoint
/// of `Settings::endpoints` is healthy (see `Settings::fallback_after`), or always if there is no
/// endpoint.
///
/// A worker that dies, stops answering or reports a CUDA error is killed with all its child
/// processes, and restarted after 1 s, 2 s … 60 s. Its requests are retried elsewhere. A worker is
/// given up for the run after five starts within five minutes, or after five starts in a row that
/// did not become ready; the log then shows the last lines of its output. A worker that runs out of
/// memory while it loads is started once more with less memory, and then given up. Workers die with
/// this process, even if it is killed by SIGKILL.
struct LocalPool {
    enum class Engine : std::uint8_t {
        llama_server,  ///< llama.cpp's server, over a unix socket. `model`: a .gguf file.
        vllm,          ///< `vllm serve`, over a unix socket. `model`: a folder or a name.
        sglang,        ///< `python3 -m sglang.launch_server`, on a loopback port.
        transformers,  ///< skein's own small server over PyTorch and transformers.
        command,       ///< Any server with the OpenAI API, started by `command`.
        url,           ///< A running server at `url`. skein neither starts nor stops it.
    };
    enum class Start : std::uint8_t {
        on_demand,  ///< Workers start at the first sign of trouble of the remote endpoints.
        standby,    ///< Workers start with the client.
    };
    enum class Pin : std::uint8_t {
        index,  ///< Devices by number (`CUDA_DEVICE_ORDER=PCI_BUS_ID`); MIG always by UUID.
        uuid,
    };

    Engine engine = Engine::llama_server;
    ModelFactory factory{};  ///< In-process model instead of an engine. Not in job files.
    /// Prefix of the workers' names: `local-0`, `local-1` …
    std::string name = "local";
    std::string model{};    ///< The model to load: a file, a folder or a name.
    std::string program{};  ///< The engine's program. Empty: its usual name, by `PATH`.
    /// For Engine::command: program and arguments, no shell. The placeholders `{model}`,
    /// `{device}`, `{socket}`, `{port}`, `{slots}`, `{context}` and `{name}` are filled in. The
    /// program must listen at the unix socket `{socket}`, or on loopback, at `{port}` or any other
    /// port. The environment variable `SKEIN_WORKER_TOKEN` holds the bearer token.
    std::vector<std::string> command{};
    std::vector<std::string> arguments{};  ///< Additional arguments for the engine.
    std::string url{};                     ///< Engine::url: `http://127.0.0.1:8080/v1`. Loopback.
    /// Names of additional environment variables for a worker. It always gets PATH, HOME, USER,
    /// LANG, TZ, TMPDIR, PYTHONPATH, VIRTUAL_ENV and the variables that begin with CUDA_, NVIDIA_,
    /// NCCL_, LD_, HF_, HIP_, ROCR_, OMP_, XDG_, LC_, GGML_, VLLM_, PYTORCH_ and TORCH. A variable
    /// whose name contains a word such as key, token, secret or password is passed only if it is
    /// named here.
    std::vector<std::string> environment{};

    /// `auto`: all GPUs, or the CPU if there is no GPU. `cpu`: the CPU. Or numbers and UUIDs of
    /// GPUs. If `CUDA_VISIBLE_DEVICES` is set, only its devices can be selected.
    std::vector<std::string> devices{"auto"};
    Pin pin_by = Pin::index;
    std::size_t workers_per_device = 1;    ///< Worker i is on device i mod n. 1 to 64.
    std::size_t in_flight_per_worker = 4;  ///< Slots of the engine. 1 to 4,096.
    std::size_t context_tokens = 0;        ///< Context of one slot. 0: the engine's default.
    std::uint64_t memory_per_worker = 0;   ///< Free bytes required on its GPU. 0: no check.
    bool embeddings = false;               ///< True: the model also serves `/v1/embeddings`.

    Start start = Start::on_demand;
    /// False: a job with endpoints runs without the pool if the pool cannot be started.
    bool required = true;
    Duration startup_timeout = std::chrono::minutes{10};  ///< From process start to ready.
    Duration probe_interval = std::chrono::seconds{5};    ///< Between two looks at a worker; three
                                                          ///< misses kill it.
    Duration probe_timeout = std::chrono::seconds{2};     ///< Time limit of one probe.
    /// A worker is killed if it has requests in flight and generates no token for this time. Zero:
    /// no such check. None: 60 s for engines that report their progress; no check for `command` and
    /// `url`, because a plain answer of theirs shows nothing before its end.
    std::optional<Duration> stall_timeout{};
    std::uint64_t recycle_after = 0;  ///< Requests after which a worker is replaced. 0: never.
    /// Path of the health probe. Empty: the engine's default (`/health`).
    std::string health_path{};
};

}  // namespace skein
