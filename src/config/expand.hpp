// Substitution of environment variables: `${NAME}`, or `${NAME:-value}` with a default.
#pragma once
#include "config/tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// Appends `text` to `out` with every `${NAME}` replaced by its value, and every `$${` by `${`.
// Returns the error, or nothing. Errors: a variable that is not set and has no default; a value
// with a line break; a value that is not UTF-8. The message never contains the value.
std::optional<std::string> expand(std::string_view text, std::string& out);

// NAME if `text` is exactly `${NAME}`; otherwise empty.
std::optional<std::string> sole_variable(std::string_view text);

// Expands all values (no keys) of a job file, except `api_key`, which is read by the variable's
// name. Works on the parsed tree, so that the value of a variable cannot inject YAML.
Mistakes expand_job(Node& root);

}  // namespace skein::config
