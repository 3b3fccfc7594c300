// A job file as a plain tree: no aliases, no tags, and no types yet.
#pragma once
#include "settings/place.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

struct Node {
    enum class Kind : std::uint8_t { null, scalar, list, map };

    Kind kind = Kind::null;
    std::string text{};     // The text of a scalar.
    bool quoted = false;    // A quoted scalar is always a string.
    std::string written{};  // `text` before variables were expanded; empty: no variable.
    Place at{};
    std::string key{};  // As a member of a map: its name, and the place of the name.
    Place key_at{};
    std::vector<Node> children{};

    bool is_null() const { return kind == Kind::null; }
    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_list() const { return kind == Kind::list; }
    bool is_map() const { return kind == Kind::map; }

    // The member with this name; null if there is none.
    const Node* find(std::string_view name) const;
    Node* find(std::string_view name);
};

// Describes a node for messages "must be …, not …": `-3`, `the text "8"`, `a list`. A value that
// came from a variable is shown by the variable's name, because it may be a secret.
std::string found(const Node& node);

}  // namespace skein::config
