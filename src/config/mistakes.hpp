// Several errors of a job file as one ConfigError.
#pragma once
#include "settings/place.hpp"

#include <string>

namespace skein::config {

// Sorts the errors by their position in the file `name`; the first has the others in `others`.
// Errors without a position in the file come last, in their order. At most twenty, and a line with
// the number of the rest.
ConfigError all_in_one(Mistakes mistakes, const std::string& name);

}  // namespace skein::config
