// OpenAI's Responses API, and all servers that speak as it does.
#pragma once
#include "dialect/seam/dialect.hpp"

namespace skein {

extern const Dialect responses;

}  // namespace skein
