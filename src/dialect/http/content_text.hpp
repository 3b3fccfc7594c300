#pragma once
#include "json/json.hpp"

#include <string>

namespace skein {

// The text of `content`: a string, or the concatenated text parts of a list.
std::string text_of_content(json::Element content);

}  // namespace skein
