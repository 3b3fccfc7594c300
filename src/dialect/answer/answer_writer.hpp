// Builds the OpenAI answer of an in-process model.
#pragma once
#include "model/prepared.hpp"

#include <skein/request.hpp>

#include <string>
#include <string_view>

namespace skein {

// Completes the answer of an in-process model: the text (from the streamed pieces or its body), the
// finish reason, the model's name, and the body in OpenAI's format with `id`. A body from the model
// is checked like a server's answer and written on one line.
//
// Errors: `bad_response`, with the reason in its detail.
Outcome whole_answer(
    Completion given, std::string pieces, const Prepared& request, std::string_view id
);

}  // namespace skein
