// Capability check: requests that the local models cannot serve, and a remote endpoint might.
#pragma once
#include "model/prepared.hpp"

#include <skein/fault.hpp>

#include <cstdint>
#include <optional>

namespace skein {

// Capabilities of the local pool.
struct LocalCapabilities {
    bool embeddings = false;
    std::int64_t context = 0;  // Tokens of one request, prompt and answer. 0: not known.
};

// The reason why a request is never sent to a local model, as far as it is certain before sending.
// The request ends with this fault when no remote endpoint is left.
std::optional<Fault> unfit_for(const LocalCapabilities& ability, const Prepared& request);

// Does this fault of a local model mean that another model may be able to answer the request?
bool is_unfit(const Fault& fault);

}  // namespace skein
