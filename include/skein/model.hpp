/// An in-process model of your own in the local pool: loaded once per worker, on a thread of this
/// process.
#pragma once
#include <skein/error.hpp>
#include <skein/request.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace skein {

/// The device on which a worker's model runs.
struct Device {
    /// The CUDA device number within this process, counted by PCI bus. Set
    /// `CUDA_DEVICE_ORDER=PCI_BUS_ID` on a machine with different GPUs. -1: the CPU.
    int cuda_index = -1;
    std::string name{};  ///< Display name: `GPU 0 (NVIDIA H100)`, or `cpu`.

    bool is_cpu() const { return cuda_index < 0; }
};

/// Interface of an in-process model. A ModelFactory makes one for each worker. All calls, one at a
/// time, and the destructor run on the thread that made the model; its CUDA device is current on
/// that thread.
class Model {
public:
    /// Receives a piece of the answer, UTF-8, as soon as it is generated; for a streamed request
    /// the first piece marks the time to first token. Text that was handed over in pieces need not
    /// be in the Completion as well.
    using OnChunk = std::function<void(std::string_view)>;

    virtual ~Model() = default;

    /// Answers one request. `request.messages` is filled in (`prompt` for `/v1/completions`), and
    /// `request.body` holds all JSON members. The function should return soon after `stop` is
    /// requested; its result is then ignored.
    ///
    /// A Fault of kind `worker_died` says that the model is unusable (after a CUDA error): skein
    /// destroys the model, makes a new one, and retries the request, at most twice. An exception,
    /// and a fault whose text mentions a CUDA error, have the same effect. Any other fault is the
    /// reply to the request. Some CUDA errors (an illegal address) make the device unusable for the
    /// whole process; then no new model can be made and the worker is given up. An engine, which is
    /// a separate process, does not have this limitation.
    ///
    /// Callbacks registered with `stop` run on the client's control thread: they must not block.
    virtual Expected<Completion, Fault> complete(
        const Request& request, const OnChunk& on_chunk, std::stop_token stop
    ) = 0;
};

/// Makes a worker's model: loads the weights, once. Called on the worker's thread. Errors are a
/// text, or an exception. After five failures within five minutes the worker is given up.
using ModelFactory = std::function<Expected<std::unique_ptr<Model>, std::string>(const Device&)>;

}  // namespace skein
