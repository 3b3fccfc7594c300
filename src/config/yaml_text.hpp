// YAML text to a plain tree, or a complaint. Nothing beyond it knows of yaml-cpp.
#pragma once
#include "config/tree.hpp"

#include <skein/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace skein::config {

inline constexpr std::size_t most_bytes = 1'000'000;
inline constexpr std::size_t most_depth = 32;
inline constexpr std::size_t most_nodes = 20'000;

// Reads one document that is a mapping. Less than YAML allows, on purpose: no anchors, aliases,
// merge keys or tags, no key twice, keys are text, no control characters, and no more than the
// sizes above. Whatever the text, the answer comes in well under a second.
Expected<Node, ConfigError> read_yaml(std::string_view text, const std::string& name);

// Reads one value given outside a file: YAML if it begins with one of `{ [ " '`, and otherwise a
// plain scalar as it stands, so that `-` and `mock:` need no quotes.
Expected<Node, ConfigError> read_value(std::string_view text, const std::string& origin);

}  // namespace skein::config
