// Writes a chat as Anthropic's API takes it.
#pragma once
#include "dialect/request/question.hpp"
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <string>

namespace skein {

// The body of a question that `refusal_of` does not refuse. `question`: that of the request.
std::string written_question(
    const Endpoint& endpoint, const Prepared& request, const Question& question
);

// An answer that may take longer than ten minutes is streamed, because a connection that is silent
// for so long is often cut on its way. A native request stays as it is.
bool must_stream(const Endpoint& endpoint, const Prepared& request);

}  // namespace skein
