// Values of a litellm file, and the texts that a job file has for them.
#pragma once
#include "config/tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::litellm {

using config::Node;

// A text of a job file, in which `${NAME}` is a variable and `$${` a literal `${`.
using JobText = std::string;

JobText variable(std::string_view name);
JobText literal(std::string_view text);

// The variable that `os.environ/NAME` names; empty if the text is something else.
std::optional<std::string> environment_name(const Node& node);

// The value of a scalar as a text of a job: a variable, or the text itself.
JobText job_text(const Node& node);

// The beginning of a text, for a note.
std::string shown(std::string_view text);

// A name in which only letters, digits, `-` and `_` are left, 48 at most; `endpoint` if none are.
std::string plain_name(std::string_view text);

// The name of a variable for an endpoint: `GPT_4O_API_KEY`.
std::string variable_name(std::string_view endpoint, std::string_view what);

// A finite number that is not negative, also as `1.5e-07`; empty if the node is something else.
std::optional<double> number_of(const Node& node);

// Without an exponent, which job files do not know: `0.15`, `1000000`.
std::string number_text(double number);

}  // namespace skein::litellm
