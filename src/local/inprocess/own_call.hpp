#pragma once
#include "model/attempt.hpp"

#include <skein/model.hpp>

#include <functional>
#include <stop_token>
#include <string>

namespace skein {

// What one question to a model of the user's came to.
struct OwnAnswer {
    AttemptResult result;
    std::string death{};  // Why the model can be used no more, in words; empty if it can.
};

// Puts it, and waits for the answer. `given`: since when the attempt waits for it. `id`: for the
// answer's body. `began`: called at the first piece of the answer.
OwnAnswer ask_model(
    Model& model,
    const Attempt& attempt,
    TimePoint given,
    const std::string& id,
    std::stop_token stop,
    const std::function<void()>& began
);

// Runs what the user wrote. Why it failed if it threw, in words; empty if it did not.
std::string thrown_by(const std::function<void()>& call);

}  // namespace skein
