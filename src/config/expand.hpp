// `${NAME}` becomes the value of an environment variable, `${NAME:-value}` also if there is none.
#pragma once
#include "config/tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// Appends `text` with every `${NAME}` replaced, and every `$${` become `${`; or says what is wrong.
// A value that is missing and has no other in its place, has a line break in it or is not UTF-8 is
// wrong, and is not repeated.
std::optional<std::string> expand(std::string_view text, std::string& out);

// NAME, if `text` is `${NAME}` and nothing else.
std::optional<std::string> sole_variable(std::string_view text);

// Expands every value (no key) of a job file, but for `api_key`, which is read by the variable's
// name. The tree was built before, so that no value of a variable can become YAML.
Mistakes expand_job(Node& root);

}  // namespace skein::config
