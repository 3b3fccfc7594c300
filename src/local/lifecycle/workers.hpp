#pragma once
#include "local/lifecycle/endpoint_activity.hpp"
#include "model/attempt.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skein {

// The endpoints that are workers on this machine, as a backend sees them: the last ones.
struct Workers {
    EndpointIndex first = ~EndpointIndex{0};  // The endpoint of the first of them.
    std::vector<std::shared_ptr<worker::EndpointActivity>> activities{};
    bool are_ours = true;             // Processes that we start and kill.
    std::uint64_t recycle_after = 0;  // Requests after which one is due; 0: never.

    // Told of a worker that broke off a request or reported a CUDA error. It must find out, and
    // tell the engine where the worker is when it is there, for nothing is sent there before. Any
    // thread; does not wait.
    std::function<void(std::size_t worker, bool has_cuda_error, std::string why)> suspect{};
    // Told of a worker that has served its time. As above.
    std::function<void(std::size_t worker)> due{};

    bool has(EndpointIndex endpoint) const { return endpoint >= first; }
    worker::EndpointActivity* activity(EndpointIndex endpoint) const {
        return has(endpoint) ? activities[endpoint - first].get() : nullptr;
    }
};

// Of a fault of a worker: what it says of the worker itself. It is made `worker_died` if that is
// what it comes to.
struct Death {
    bool has_cuda_error = false;
};
std::optional<Death> judge_worker(Fault& fault, bool is_ours);

}  // namespace skein
