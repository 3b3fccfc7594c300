// Builds the tree of a job file from yaml-cpp's events, and refuses the parts of YAML that job
// files may not use: anchors, aliases, tags, merge keys, equal keys, too many or too deep nodes.
// Invariant: a Refusal is thrown at the first of them; the limits bound time and memory.
// One builder per document, on the thread that parses.
#include "config/tree_builder.hpp"

#include "config/yaml_text.hpp"
#include "json/text.hpp"

#include <yaml-cpp/mark.h>

#include <algorithm>
#include <string_view>

namespace skein::config {

std::size_t offset_of(const YAML::Mark& mark, const Source& source) {
    return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), source.text.size());
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
    // yaml-cpp also begins a new document where the indentation breaks off.
    if (++documents_ == 1) return;
    const auto rest = std::string_view{source_->text}.substr(place_of(mark).offset);
    const bool is_marked = rest.starts_with("---") || rest.starts_with("...");
    refuse(
        mark,
        is_marked ? "a second document begins here; there can be only one"
                  : "this does not belong to what stands above it; is the indentation right?"
    );
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
    check(mark, "?", anchor);
    add(mark, {});
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
    refuse(mark, "aliases (*name) are not allowed here; write the value out");
}

void TreeBuilder::OnScalar(
    const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value
) {
    check(mark, tag, anchor);
    if (is_never_closed(place_of(mark))) refuse(mark, "the quote that opens here is never closed");
    add(mark, {.kind = Node::Kind::scalar, .text = value, .quoted = tag == "!"});
}

void TreeBuilder::OnSequenceStart(
    const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value
) {
    check(mark, tag, anchor);
    open(mark, Node::Kind::list);
}

void TreeBuilder::OnMapStart(
    const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value
) {
    check(mark, tag, anchor);
    open(mark, Node::Kind::map);
}

Place TreeBuilder::place_of(const YAML::Mark& mark) const {
    return {.source = source_, .offset = offset_of(mark, *source_)};
}

// Whether this is the first token of its line, with a tab in its indentation. Stops at the first
// character that is no blank.
bool TreeBuilder::is_behind_tab(const Place& place) const {
    bool has_tab = false;
    for (auto at = place.offset; at > 0; --at) {
        const char c = source_->text[at - 1];
        if (c == '\n') break;
        if (c != ' ' && c != '\t') return false;
        has_tab = has_tab || c == '\t';
    }
    return has_tab;
}

// Whether a quoted scalar has no closing quote. Checked here, because yaml-cpp lets the end of the
// file close it, and the rest of the file would be one string.
bool TreeBuilder::is_never_closed(const Place& place) const {
    const auto text = std::string_view{source_->text}.substr(place.offset);
    if (text.empty() || (text.front() != '"' && text.front() != '\'')) return false;
    const char quote = text.front();
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\' && quote == '"') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return false;
            ++i;  // '' is an escaped single quote.
        }
    }
    return true;
}

void TreeBuilder::refuse(const YAML::Mark& mark, std::string what) const {
    throw Refusal{complain(place_of(mark), std::move(what))};
}

// Checks that hold for every node. yaml-cpp reports a plain scalar with the tag `?` and a quoted
// one with `!`, so a `!` that is really written is recognized in the text.
void TreeBuilder::check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (++nodes_ > max_nodes) refuse(mark, "more than " + std::to_string(max_nodes) + " values");
    const auto place = place_of(mark);
    if (is_behind_tab(place)) refuse(mark, tab_refused);
    if (anchor != YAML::NullAnchor) {
        refuse(mark, "anchors (&name) are not allowed here; write the value out");
    }
    const bool is_tagged = tag != "?" && tag != "!" && !tag.empty();
    if (is_tagged || std::string_view{source_->text}.substr(place.offset).starts_with('!')) {
        refuse(mark, "tags (!name) are not allowed here; put quotes around a text");
    }
}

Node* TreeBuilder::add(const YAML::Mark& mark, Node node) {
    node.at = place_of(mark);
    if (open_.empty()) {
        root_ = std::move(node);
        return &root_;
    }
    // Within a map, a key and a value come in turn.
    auto& parent = open_.back();
    if (parent.node->is_map()) {
        if (!parent.has_key) {
            read_key(parent, mark, std::move(node));
            return nullptr;
        }
        parent.has_key = false;
        node.key = std::move(parent.key);
        node.key_at = parent.keys.at(node.key);
        if (node.is_null()) node.at = node.key_at;  // A null value has no position.
    }
    return &parent.node->children.emplace_back(std::move(node));
}

void TreeBuilder::open(const YAML::Mark& mark, Node::Kind kind) {
    Node* node = add(mark, {.kind = kind});
    // Never null: a list or a map as a key has been refused by `read_key`. The depth is bounded
    // here, because later passes over the tree are recursive.
    if (open_.size() == max_depth) {
        refuse(mark, "more than " + std::to_string(max_depth) + " levels of nesting");
    }
    open_.push_back({.node = node});
}

void TreeBuilder::read_key(Open& parent, const YAML::Mark& mark, Node node) const {
    if (!node.is_scalar()) {
        refuse(
            mark,
            "a key must be a text, not " + found(node) +
                "; is a bracket not closed, or does a value that begins with { or [ want quotes "
                "around it?"
        );
    }
    if (node.text == "<<" && !node.quoted) {
        refuse(mark, "merge keys (<<) are not allowed here; write the values out");
    }
    // Equal keys are refused: one of the two values would be lost without a word.
    const auto [first, is_new] = parent.keys.emplace(node.text, node.at);
    if (!is_new) {
        refuse(
            mark,
            "the key '" + json::printable(node.text, 60) + "' stands here twice, first at " +
                first->second.text()
        );
    }
    parent.key = std::move(node.text);
    parent.has_key = true;
}

}  // namespace skein::config
