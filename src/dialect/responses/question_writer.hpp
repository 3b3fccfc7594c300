// Writes a chat as the Responses API takes it.
#pragma once
#include "dialect/request/question.hpp"
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <string>

namespace skein::response {

// The body of a question that `refusal_of` does not refuse. `question`: that of the request.
std::string written_question(
    const Endpoint& endpoint, const Prepared& request, const Question& question
);

}  // namespace skein::response
