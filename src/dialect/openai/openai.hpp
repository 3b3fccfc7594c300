// OpenAI's API, and all servers that speak as it does. It is the common form.
#pragma once
#include "dialect/seam/dialect.hpp"

namespace skein {

extern const Dialect openai;

}  // namespace skein
