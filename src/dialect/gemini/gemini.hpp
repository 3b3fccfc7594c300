// Google's Gemini API, also on Vertex.
#pragma once
#include "dialect/seam/dialect.hpp"

namespace skein {

extern const Dialect gemini;

}  // namespace skein
