// Azure's OpenAI service: the common form at other addresses, with another header for the key.
#pragma once
#include "dialect/seam/dialect.hpp"

namespace skein {

extern const Dialect azure;

}  // namespace skein
