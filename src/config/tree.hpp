// A job file as a plain tree: no aliases, no tags, no types yet.
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
    std::string text{};     // Of a scalar.
    bool quoted = false;    // A quoted scalar is text, whatever it looks like.
    std::string written{};  // `text` as it was before variables were put in; empty if none were.
    Place at{};
    std::string key{};  // As a member of a map: its name, and where that stands.
    Place key_at{};
    std::vector<Node> children{};

    bool is_null() const { return kind == Kind::null; }
    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_list() const { return kind == Kind::list; }
    bool is_map() const { return kind == Kind::map; }

    // The member of this name; null if there is none.
    const Node* find(std::string_view name) const;
    Node* find(std::string_view name);
};

// What was found, for "must be …, not …": `-3`, `the text "8"`, `a list`. What came out of a
// variable is shown by the variable's name, for it may be a secret.
std::string found(const Node& node);

}  // namespace skein::config
