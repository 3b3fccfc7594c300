// The count of tokens: `usageMetadata`.
#pragma once
#include "json/json.hpp"

#include <string>

namespace skein::google {

// Appends the members `usage` and, where it is told, `service_tier` of the common form. Gemini
// counts thoughts beside the candidates, and what tools brought in beside the prompt; in the common
// form both are parts of the two counts. Nothing is appended if there is no count, or a negative
// one.
void add_usage(std::string& out, json::Element root);

}  // namespace skein::google
