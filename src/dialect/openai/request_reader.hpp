// From what can be sent back to what was asked: for a model that is called and not sent to.
#pragma once
#include "model/prepared.hpp"

#include <skein/request.hpp>

namespace skein {

// Undoes `prepare`: the messages, or the prompt, and what else a Request names is read out of the
// members; all of them are the `body`. Of content that comes in parts, the text; of a list of
// prompts nothing, unless it is of one.
Request request_from(const Prepared& prepared);

}  // namespace skein
