// What a model of the user's own says, made into the answer that a server would have given.
#pragma once
#include "model/prepared.hpp"

#include <skein/request.hpp>

#include <string>
#include <string_view>

namespace skein {

// Fills in what the model left empty: the text out of the pieces it handed over, or out of its
// body; the reason to finish; the model's name; and the body, which is OpenAI's for that path, with
// `id` in it. A body it gave is checked as a server's is, and put on one line.
//
// The fault, `bad_response`, says what is wrong with it.
Outcome whole_answer(
    Completion given, std::string pieces, const Prepared& request, std::string_view id
);

}  // namespace skein
