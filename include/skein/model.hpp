/// Your own model in the local pool: loaded once per worker, in a thread of this process.
#pragma once
#include <skein/error.hpp>
#include <skein/request.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace skein {

/// Where a worker's model is to live.
struct Device {
    /// As CUDA counts the devices that this process sees, if it counts by PCI bus: set
    /// `CUDA_DEVICE_ORDER=PCI_BUS_ID` where they are not all alike. -1: the CPU.
    int cuda_index = -1;
    std::string name{};  ///< For people: `GPU 0 (NVIDIA H100)`, or `cpu`.

    bool is_cpu() const { return cuda_index < 0; }
};

/// A model that answers. Made by a ModelFactory, used by one worker only: one call at a time, all
/// of them and the destructor on the thread that made it, on which its device is current.
class Model {
public:
    /// Takes a piece of the answer as it comes, UTF-8; for a streamed request it marks the time to
    /// first token. The text handed over in pieces need not be put into the Completion as well.
    using OnChunk = std::function<void(std::string_view)>;

    virtual ~Model() = default;

    /// Answers one request, whose `messages` are filled in (`prompt` for `/v1/completions`) and
    /// whose `body` holds all of its JSON members. Should return soon once `stop` is requested:
    /// nobody waits for the answer any more, whatever it returns.
    ///
    /// A Fault of kind `worker_died` says that the model can no longer be used (on a device, after
    /// a CUDA error): it is destroyed and made anew, and the request is asked again, at most twice.
    /// So it is after an exception, and after a fault whose text speaks of a CUDA error. Any other
    /// fault is the answer to the request. Some CUDA errors (an illegal address) spoil the device
    /// for all of this process, so that no new model can be made either, and the worker is given
    /// up: where that must not be, run an engine, which is a process of its own.
    ///
    /// Callbacks registered with `stop` run on the client's control thread: they must not block.
    virtual Expected<Completion, Fault> complete(
        const Request& request, const OnChunk& on_chunk, std::stop_token stop
    ) = 0;
};

/// Makes a worker's model: loads the weights, once. Called on the worker's thread. What went wrong
/// is told in words, or by an exception; after five times in five minutes the worker is given up.
using ModelFactory = std::function<Expected<std::unique_ptr<Model>, std::string>(const Device&)>;

}  // namespace skein
