// The `request:` template, from YAML to JSON.
#pragma once
#include "config/tree.hpp"

#include <string>

namespace skein::config {

// Writes the text of one JSON object, its keys in the order of the file. Types are those of YAML's
// core schema: unquoted numbers, true, false and null are what they look like, all else is text.
// `{{ name }}` stays as it is. A number that JSON would write otherwise (`010`, `+1`, `.5`, `0x1F`)
// is refused: one cannot know whether it is one.
//
// `places` gets the place of every text in it, names of members included, in their order. What is
// wrong within goes to `mistakes`.
Complaint read_request(const Node& node, std::string& into, Places& places, Mistakes& mistakes);

}  // namespace skein::config
