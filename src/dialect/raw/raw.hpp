// Any server that answers a POST of JSON with JSON: the endpoint says where the parts are.
#pragma once
#include "dialect/seam/dialect.hpp"

namespace skein {

extern const Dialect raw;

}  // namespace skein
