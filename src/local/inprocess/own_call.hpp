#pragma once
#include "model/attempt.hpp"

#include <skein/model.hpp>

#include <functional>
#include <stop_token>
#include <string>

namespace skein {

// The result of one call to a user's model.
struct OwnAnswer {
    AttemptResult result;
    std::string death{};  // Why the model cannot be used any more; empty if it can.
};

// Calls the model and waits for the answer. `given`: the start of the attempt. `id`: the id in the
// body of the answer. `began` is called at the first piece of the answer,
// `handed_on` when the first one is in the pipe of the attempt; only if it has one.
OwnAnswer ask_model(
    Model& model,
    const Attempt& attempt,
    TimePoint given,
    const std::string& id,
    std::stop_token stop,
    const std::function<void()>& began,
    const std::function<void()>& handed_on = {}
);

// Runs user code. Returns a description of the exception, or an empty text if there was none.
std::string thrown_by(const std::function<void()>& call);

}  // namespace skein
