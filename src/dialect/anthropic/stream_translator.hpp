// Translates a streamed answer of Anthropic's API.
#pragma once
#include "dialect/seam/dialect.hpp"

#include <memory>

namespace skein {

std::unique_ptr<StreamTranslator> make_stream_translator();

}  // namespace skein
