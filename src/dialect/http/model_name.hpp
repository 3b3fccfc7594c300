// Is the model that answered the one that was asked?
#pragma once
#include <string_view>

namespace skein {

// A name may come back with its date (`gpt-4o-2024-08-06` for `gpt-4o`), with or without its maker
// (`openai/gpt-4o`), as `latest`, or in other letters. Nothing said, by either, is no
// contradiction.
bool is_same_model(std::string_view asked, std::string_view answered);

}  // namespace skein
