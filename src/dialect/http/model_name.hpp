// Compares the requested model with the model that answered.
#pragma once
#include <string_view>

namespace skein {

// Servers may return the name with a date (`gpt-4o-2024-08-06` for `gpt-4o`), with or without its
// vendor (`openai/gpt-4o`), with `latest`, or in another case; all these are the same model. An
// empty name matches every model.
bool is_same_model(std::string_view asked, std::string_view answered);

}  // namespace skein
