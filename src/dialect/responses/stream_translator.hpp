// Translates a streamed answer of the Responses API.
#pragma once
#include "dialect/seam/dialect.hpp"

#include <memory>

namespace skein::response {

std::unique_ptr<StreamTranslator> make_stream_translator();

}  // namespace skein::response
