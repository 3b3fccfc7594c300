#include "config/tree.hpp"

#include "json/text.hpp"

namespace skein::config {

const Node* Node::find(std::string_view name) const {
    if (!is_map()) return nullptr;
    for (const auto& child : children) {
        if (child.key == name) return &child;
    }
    return nullptr;
}

Node* Node::find(std::string_view name) {
    return const_cast<Node*>(static_cast<const Node*>(this)->find(name));
}

std::string found(const Node& node) {
    constexpr std::size_t max_shown = 60;
    switch (node.kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::list:
            return "a list";
        case Node::Kind::map:
            return "a mapping";
        case Node::Kind::scalar:
            break;
    }
    if (!node.written.empty()) return "the value of " + json::printable(node.written, max_shown);
    const auto shown = json::printable(node.text, max_shown);
    return node.quoted || shown.empty() ? "the text \"" + shown + '"' : shown;
}

}  // namespace skein::config
