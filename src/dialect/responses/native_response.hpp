#pragma once
#include "dialect/seam/dialect.hpp"

#include <memory>

namespace skein::response {

// Takes the Response out of the last event of a stream, as the API would have given it at once.
std::unique_ptr<NativeStream> make_native_response();

}  // namespace skein::response
