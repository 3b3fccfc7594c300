// Several mistakes as one answer.
#pragma once
#include "settings/place.hpp"

#include <string>

namespace skein::config {

// The first of them in the file `name`, with the others behind it in their order. What stands
// outside the file keeps its turn. Of very many the first twenty.
ConfigError all_in_one(Mistakes mistakes, const std::string& name);

}  // namespace skein::config
