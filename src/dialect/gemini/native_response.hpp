#pragma once
#include "dialect/seam/dialect.hpp"

#include <memory>

namespace skein::google {

// Puts one response together from the pieces of a stream, as the API would have given it at once.
std::unique_ptr<NativeStream> make_native_response();

}  // namespace skein::google
