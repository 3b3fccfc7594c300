#include "local/lifecycle/workers.hpp"

#include "local/lifecycle/log_classifier.hpp"

#include <utility>

namespace skein {
namespace {

// A lost keep-alive connection is a sign of death only for our own workers: they serve one request
// on each connection, so that no connection is closed for its age.
bool is_broken_off(FaultKind kind, bool is_ours) {
    switch (kind) {
        case FaultKind::connect:
        case FaultKind::connection_lost:
        case FaultKind::truncated:
        case FaultKind::incomplete_stream:
            return true;
        case FaultKind::keepalive_race:
            return is_ours;
        default:
            return false;
    }
}

}  // namespace

std::optional<Death> judge_worker(Fault& fault, bool is_ours) {
    const bool has_cuda_error = fault.http_status >= 500 || fault.kind == FaultKind::server_error
                                    ? local::is_cuda_error(fault.remote_message)
                                    : false;
    if (!has_cuda_error && !is_broken_off(fault.kind, is_ours)) return std::nullopt;
    fault.detail = has_cuda_error ? "the local worker reported a CUDA error"
                                  : "the local worker broke off: " + fault.detail;
    fault.kind = FaultKind::worker_died;
    fault.retry_after.reset();
    fault.should_retry.reset();
    return Death{has_cuda_error};
}

}  // namespace skein
