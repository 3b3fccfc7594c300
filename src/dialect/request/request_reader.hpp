// Inverse of `prepare`: parses a prepared body back into a Request, for in-process models.
#pragma once
#include "model/prepared.hpp"

#include <skein/request.hpp>

namespace skein {

// Reads the messages or the prompt, and the other named members of a Request, from the body;
// `Request::body` gets all members. Content in parts becomes its text. A list of prompts is read
// only if it has one element.
Request request_from(const Prepared& prepared);

}  // namespace skein
