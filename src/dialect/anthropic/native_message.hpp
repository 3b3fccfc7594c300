#pragma once
#include "dialect/seam/dialect.hpp"

#include <memory>

namespace skein {

// Puts a message together from the events of a stream, as the API would have given it at once.
std::unique_ptr<NativeStream> make_native_message();

}  // namespace skein
