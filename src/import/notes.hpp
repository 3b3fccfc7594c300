// What could not be carried over, by its place.
#pragma once
#include "config/tree.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace skein::litellm {

using config::Node;

struct Note {
    std::string where{};  // `litellm.yaml:12:7`; empty: the file as a whole.
    std::string what{};   // Printable; quotes no value that may be a secret.
};

// Collects notes, in the order of their places. Their number is limited, because each one counts
// the lines before its place.
class Notes {
public:
    void add(const config::Place& at, std::string what);
    void add(const Node& node, std::string what) {
        add(node.key_at.source ? node.key_at : node.at, std::move(what));
    }

    // All notes, the last of which counts those that were dropped.
    std::vector<Note> take();

private:
    static constexpr std::size_t max_notes = 200;

    std::vector<std::pair<std::size_t, Note>> notes_;  // With the offset in the file.
    std::size_t dropped_ = 0;
};

}  // namespace skein::litellm
