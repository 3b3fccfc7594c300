// What the models on this machine cannot serve, and the remote side might.
#pragma once
#include "model/prepared.hpp"

#include <skein/fault.hpp>

#include <cstdint>
#include <optional>

namespace skein {

// What the local pool is able to do.
struct LocalCapabilities {
    bool embeddings = false;
    std::int64_t context = 0;  // Tokens of one request, prompt and answer. 0: not known.
};

// Why a request is not even asked there: nothing else but what is plain before it is sent. That is
// what becomes of it where no remote endpoint is left.
std::optional<Fault> unfit_for(const LocalCapabilities& ability, const Prepared& request);

// Did a local model say of the request that another one may well answer it?
bool is_unfit(const Fault& fault);

}  // namespace skein
