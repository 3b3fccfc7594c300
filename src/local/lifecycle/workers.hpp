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

// The local workers as a backend sees them: the last endpoints of the settings.
struct Workers {
    EndpointIndex first = ~EndpointIndex{0};  // The endpoint of the first worker.
    std::vector<std::shared_ptr<local::EndpointActivity>> activities{};
    bool are_ours = true;             // The workers are processes that skein starts and kills.
    std::uint64_t recycle_after = 0;  // Requests after which a worker is replaced; 0: never.

    // Called for a worker that broke off a request or reported a CUDA error. The receiver must
    // probe the worker and report its address again when it is well, because no request is sent to
    // it before. Any thread; must not wait.
    std::function<void(std::size_t worker, bool has_cuda_error, std::string why)> suspect{};
    // Called for a worker that has served `recycle_after` requests. Any thread; must not wait.
    std::function<void(std::size_t worker)> due{};

    bool has(EndpointIndex endpoint) const { return endpoint >= first; }
    local::EndpointActivity* activity(EndpointIndex endpoint) const {
        return has(endpoint) ? activities[endpoint - first].get() : nullptr;
    }
};

// Decides whether a fault means that the worker has died. If so, changes the fault to `worker_died`
// and returns the death; else returns nothing and leaves the fault as it is.
struct Death {
    bool has_cuda_error = false;
};
std::optional<Death> judge_worker(Fault& fault, bool is_ours);

}  // namespace skein
