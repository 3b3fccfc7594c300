// Converts the `request:` template from YAML to JSON.
#pragma once
#include "config/tree.hpp"

#include <string>

namespace skein::config {

// Writes the text of one JSON object, with the keys in the order of the file. Types follow YAML's
// core schema: an unquoted number, true, false or null has that type; everything else is a string.
// Placeholders `{{ name }}` are copied unchanged. A number that is not valid JSON (`010`, `+1`,
// `.5`, `0x1F`) is refused, because it could be meant as a string.
//
// `places` gets the position of every string, member names included, in order. Errors within the
// template are added to `mistakes`.
Complaint read_request(const Node& node, std::string& into, Places& places, Mistakes& mistakes);

// Writes a node as JSON, by the same rules.
void write_json(const Node& node, std::string& into, Places& places, Mistakes& mistakes);

}  // namespace skein::config
