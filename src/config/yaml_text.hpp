// Parses YAML text to a plain tree. Only this file and `tree_builder` use yaml-cpp.
#pragma once
#include "config/tree.hpp"

#include <skein/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace skein::config {

inline constexpr std::size_t max_bytes = 1'000'000;
inline constexpr std::size_t max_depth = 32;
inline constexpr std::size_t max_nodes = 20'000;

// Reads one document that is a mapping. A subset of YAML on purpose: no anchors, aliases, merge
// keys or tags, no duplicate keys, only strings as keys, no control characters, and no more than
// the sizes above. These limits bound the time to well under a second for any text.
Expected<Node, ConfigError> read_yaml(std::string_view text, const std::string& name);

// Reads one value given outside a file: YAML if it begins with one of `{ [ " '`, otherwise a plain
// scalar taken literally, so that `-` and `mock:` need no quotes.
Expected<Node, ConfigError> read_value(std::string_view text, const std::string& origin);

}  // namespace skein::config
